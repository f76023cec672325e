package e2e

import (
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"log/slog"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"kleroterion/api/client"
	"kleroterion/api/problem"
	"kleroterion/cmd/kleroterion/config"
	"kleroterion/cmd/kleroterion/serve"
	"kleroterion/cmd/kleroterion/town"
)

// settings are those of a service with a chain of its own, as the command line would give them.
func settings(data string) config.Config {
	return config.Config{
		Listen: "127.0.0.1:0", Data: data, Devchain: true, DevchainListen: "127.0.0.1:0", DevchainPeriod: time.Second,
		RehearsalLead: 2 * time.Second, Lead: 10 * time.Minute, UploadLimit: 64 << 20, AdminToken: newToken(),
	}
}

// newToken is a fresh operator's token.
func newToken() string {
	var raw [8 + 32]byte
	rand.Read(raw[:]) // never fails
	return "klr_" + hex.EncodeToString(raw[:8]) + "_" + base64.RawURLEncoding.EncodeToString(raw[8:])
}

// clock is the machine's, moved forward by a test or stopped.
type clock struct {
	ahead   atomic.Int64 // nanoseconds
	stopped atomic.Int64 // where it stands, in Unix nanoseconds; 0: it goes
}

func (c *clock) now() time.Time {
	if at := c.stopped.Load(); at != 0 {
		return time.Unix(0, at)
	}
	return time.Now().Add(time.Duration(c.ahead.Load()))
}

func (c *clock) stop() { c.stopped.Store(c.now().UnixNano()) }

func (c *clock) forward(d time.Duration) { c.ahead.Add(int64(d)) }

// passTo moves the clock to a Unix second, never back.
func (c *clock) passTo(unix int64) {
	if d := time.Unix(unix, 0).Sub(c.now()); d > 0 {
		c.forward(d)
	}
}

// lines keeps what a service logs.
type lines struct {
	mu  sync.Mutex
	all bytes.Buffer
}

func (l *lines) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.all.Write(b)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.all.String()
}

// service is a running instance in this process, with what a test may turn.
type service struct {
	*serve.Instance
	config config.Config
	clock  *clock
	log    *lines
	ended  bool
}

// begin starts a service and stops it when the test ends. Its log is shown when the test has failed.
func begin(t testing.TB, c config.Config, now *clock) *service {
	t.Helper()
	s := &service{config: c, clock: now, log: &lines{}}
	world := serve.World{Now: now.now, Entropy: rand.Reader, Version: "test",
		Logger: slog.New(slog.NewJSONHandler(s.log, &slog.HandlerOptions{Level: slog.LevelDebug}))}
	var err error
	if s.Instance, err = serve.Start(t.Context(), &s.config, world); err != nil {
		t.Fatalf("start: %v", err)
	}
	t.Cleanup(func() {
		s.end(t)
		if t.Failed() {
			t.Logf("what the service said, but for requests:\n%s", besidesRequests([]byte(s.log.String())))
		}
	})
	return s
}

// end stops the service, once.
func (s *service) end(t testing.TB) {
	t.Helper()
	if s.ended {
		return
	}
	s.ended = true
	if err := s.Stop(); err != nil {
		t.Errorf("stop: %v", err)
	}
}

// office is a city office that works with an instance over HTTP.
type office struct {
	t         testing.TB
	url       string
	operator  *client.Instance
	registrar *client.Instance
	city      string
}

// newOffice adds a city and its registrar's key.
func newOffice(t testing.TB, url, adminToken, city string) *office {
	t.Helper()
	o := &office{t: t, url: url, city: city, operator: got(client.New(url, adminToken))(t)}
	got(o.operator.AddCityWithResponse(t.Context(), nil, client.NewCity{Slug: city, Name: "City of " + city}))(t)
	key := got(o.operator.AddKeyWithResponse(t.Context(), nil, client.NewKey{City: city, Role: client.NewKeyRoleRegistrar, Label: "office"}))(t)
	o.registrar = got(client.New(url, key.JSON201.Token))(t)
	return o
}

// imported makes a register and has its rows read.
func (o *office) imported(name string, csv []byte) client.Register {
	o.t.Helper()
	made := got(o.registrar.AddRegisterWithResponse(o.t.Context(), nil, client.NewRegister{City: o.city, Name: name, Mapping: townMapping(o.t)}))(o.t)
	job := got(o.registrar.Upload(o.t.Context(), client.Rows{Register: made.JSON201.ID, File: bytes.NewReader(csv)}))(o.t)
	got(o.registrar.WaitJob(o.t.Context(), job.ID, nil))(o.t)
	return o.register(made.JSON201.ID)
}

// frozen makes a register and commits to it.
func (o *office) frozen(name string, csv []byte) client.Register {
	o.t.Helper()
	reg := o.imported(name, csv)
	job := got(o.registrar.FreezeRegisterWithResponse(o.t.Context(), reg.ID, nil, client.Freeze{PublishSmallCells: true}))(o.t)
	got(o.registrar.WaitJob(o.t.Context(), job.JSON202.ID, nil))(o.t)
	reg = o.register(reg.ID)
	if reg.State != client.RegisterStateFrozen {
		o.t.Fatalf("register %s is %s, want frozen", name, reg.State)
	}
	return reg
}

func (o *office) register(id string) client.Register {
	o.t.Helper()
	return *got(o.registrar.GetRegisterWithResponse(o.t.Context(), id))(o.t).JSON200
}

// simple asks for a jury of five from everybody, decided at a time.
func (o *office) simple(reg client.Register, decision string, at time.Time) client.NewDraw {
	return client.NewDraw{City: o.city, Decision: decision, Register: reg.ID, Method: client.NewDrawMethodSimple, OnePerHousehold: true,
		Strata: []client.Stratum{{Seats: 5, Alternates: 3}}, DrawTime: at.Unix(), Rehearsal: true}
}

// open opens a draw. The test moves the clock on, so there is time enough for a busy machine.
func (o *office) open(reg client.Register, decision string, now time.Time) client.Draw {
	o.t.Helper()
	return *got(o.registrar.OpenDrawWithResponse(o.t.Context(), nil, o.simple(reg, decision, now.Add(time.Minute))))(o.t).JSON201
}

func (o *office) draw(id string) client.Draw {
	o.t.Helper()
	return *got(o.operator.GetDrawWithResponse(o.t.Context(), id))(o.t).JSON200
}

// drawn waits for a draw's result.
func (o *office) drawn(id string) client.Draw {
	o.t.Helper()
	var d client.Draw
	await(o.t, time.Minute, "draw "+id, func() bool { d = o.draw(id); return d.Status == client.DrawStatusDrawn })
	return d
}

// bundle downloads a draw's bundle as soon as a checkpoint covers the result.
func (o *office) bundle(id string) []byte {
	o.t.Helper()
	var file bytes.Buffer
	await(o.t, time.Minute, "bundle of draw "+id, func() bool {
		file.Reset()
		_, err := o.operator.DownloadBundle(o.t.Context(), id, &file)
		if refused(err, "not_published") {
			return false
		}
		must(o.t, err)
		return true
	})
	return file.Bytes()
}

// refused reports whether err is the service's refusal with this code.
func refused(err error, code string) bool {
	var p *problem.Problem
	return errors.As(err, &p) && p.Code == code
}

// residents is the file of a town.
func residents(t testing.TB, seed byte, n int) []byte {
	t.Helper()
	var file bytes.Buffer
	must(t, town.Write(&file, [32]byte{seed}, n))
	return file.Bytes()
}

func townMapping(t testing.TB) *client.Mapping {
	t.Helper()
	var m client.Mapping
	must(t, json.Unmarshal([]byte(town.Mapping), &m))
	return &m
}

func publicDir(data string) string { return filepath.Join(data, "public") }
