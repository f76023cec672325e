package verify

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"os"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"kleroterion/randomness/beacon"
	"kleroterion/randomness/canonical"
	"kleroterion/randomness/devchain"
	"kleroterion/randomness/register"
	"kleroterion/randomness/sortition"
	"kleroterion/service/audit"
)

const (
	origin          = "log.example/kleroterion"
	citySubject     = "city/example"
	registerSubject = "city/example/register/2023"
	jury            = "city/example/jury/1"
)

// Real rounds of quicknet.
var quicknet = map[uint64]string{
	2:       "b6b6a585449b66eb12e875b64fcbab3799861a00e4dbf092d99e969a5eac57dd3f798acf61e705fe4f093db926626807",
	123:     "b75c69d0b72a5d906e854e808ba7e2accb1542ac355ae486d591aa9d43765482e26cd02df835d3546d23c4b13e0dfc92",
	1000:    "b44679b9a59af2ec876b1a6b1ad52ea9b1615fc3982b19576350f93447cb1125e342b73a8dd2bacbe47e4b6b63ed5e39",
	657413:  "b713718a38ae728dfd477991af2822e08d2f305e47718cef9f7848ce4050e7be41076862b98fad56e91a6b85b89cd97b",
	2797373: "857325b9d4d9e81b32ff98f0da6fc2c6af02b10207ef148d2d39b82b77159d766a9edf8a68a793135890a7dfa66166a7",
}

// scene is a log in the making: what an honest service would write, and what tests make of it.
type scene struct {
	t         testing.TB
	chain     *beacon.Chain
	sign      func(round uint64) beacon.Beacon
	register  *register.Register
	file      []byte
	entries   [][]byte
	subjects  []string
	stored    []tlog.Hash
	n         map[string]int64
	prev      map[string]audit.Hash
	commit    audit.Hash // of the newest draw
	manifest  *sortition.Manifest
	blobs     [][]byte
	beacons   []beacon.File
	devs      []*beacon.Chain
	rehearsal bool
	edit      func(*audit.Record) // applied to the next record
	approved  []string            // of the next draw
}

func newScene(t testing.TB) *scene {
	t.Helper()
	chain, ok := beacon.Pinned().ByName("quicknet")
	if !ok {
		t.Fatal("quicknet is not pinned")
	}
	s := &scene{t: t, chain: chain, n: map[string]int64{}, prev: map[string]audit.Hash{}}
	s.sign = func(round uint64) beacon.Beacon {
		sig, err := hex.DecodeString(quicknet[round])
		if err != nil || len(sig) == 0 {
			t.Fatalf("no signature of round %d", round)
		}
		return beacon.Beacon{Round: round, Signature: sig}
	}
	s.register = vectorRegister(t)
	var file bytes.Buffer
	if _, err := s.register.WriteTo(&file); err != nil {
		t.Fatal(err)
	}
	s.file = file.Bytes()
	return s
}

// rehearse moves the scene to a dev chain with the rounds of quicknet.
func (s *scene) rehearse() {
	net, err := devchain.New(devchain.Options{Period: 3 * time.Second, Genesis: s.chain.Genesis,
		Secret: bytes.NewReader(make([]byte, 32)), Now: func() time.Time { return time.Unix(0, 0) }})
	if err != nil {
		s.t.Fatal(err)
	}
	s.chain, s.rehearsal = net.Chain(), true
	s.devs = []*beacon.Chain{s.chain}
	s.sign = func(round uint64) beacon.Beacon {
		b, err := net.Sign(round)
		if err != nil {
			s.t.Fatal(err)
		}
		return b
	}
}

// vectorRegister is the register of docs/spec/vectors/draw.json.
func vectorRegister(t testing.TB) *register.Register {
	t.Helper()
	raw, err := os.ReadFile("../../../docs/spec/vectors/draw.json")
	if err != nil {
		t.Fatal(err)
	}
	var v struct{ Entries []json.RawMessage }
	if err := json.Unmarshal(raw, &v); err != nil {
		t.Fatal(err)
	}
	var list []register.Entry
	for _, text := range v.Entries {
		line, err := canonical.Transform(text)
		if err != nil {
			t.Fatal(err)
		}
		e, err := register.ParseLine(line)
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, e)
	}
	r, err := register.FromEntries(list)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func (s *scene) ReadHashes(at []int64) ([]tlog.Hash, error) {
	out := make([]tlog.Hash, len(at))
	for i, n := range at {
		out[i] = s.stored[n]
	}
	return out, nil
}

// raw appends bytes to the log, whatever they are.
func (s *scene) raw(subject string, b []byte) {
	s.t.Helper()
	hashes, err := tlog.StoredHashes(int64(len(s.entries)), b, s)
	if err != nil {
		s.t.Fatal(err)
	}
	s.entries, s.subjects, s.stored = append(s.entries, b), append(s.subjects, subject), append(s.stored, hashes...)
}

// put appends a record that has seen a round; round 0 is none.
func (s *scene) put(kind audit.Kind, subject string, seen uint64, body any) {
	s.t.Helper()
	text, err := canonical.Marshal(body)
	if err != nil {
		s.t.Fatal(err)
	}
	r := audit.Record{Body: text, Kind: kind, N: s.n[subject] + 1, Prev: s.prev[subject], Subject: subject}
	if seen > 0 {
		r.Seen = &audit.Seen{Chain: s.chain.Hash, Beacon: s.sign(seen)}
	}
	if s.edit != nil {
		s.edit(&r)
		s.edit = nil
	}
	b, err := r.Encode()
	if err != nil {
		s.t.Fatal(err)
	}
	s.raw(subject, b)
	s.n[subject], s.prev[subject] = r.N, audit.LeafHash(b)
}

func (s *scene) beat(seen uint64) {
	s.t.Helper()
	s.put(audit.KindHeartbeat, audit.LogSubject, seen, audit.Heartbeat{})
}

func (s *scene) city() {
	s.t.Helper()
	s.put(audit.KindCityAdd, citySubject, 2, audit.CityAdd{Name: "Example", Slug: "example"})
}

// commitment is what an honest service says of the scene's register.
func (s *scene) commitment() audit.RegisterCommit {
	return audit.RegisterCommit{Root: s.register.Root(), Size: int64(s.register.Size()), File: sha256.Sum256(s.file), Bytes: int64(len(s.file)),
		Features: []string{"age", "district"}, Households: true, SmallCells: audit.SmallCellsNone, K: 5}
}

func (s *scene) freeze(c audit.RegisterCommit) {
	s.t.Helper()
	s.put(audit.KindRegisterCommit, registerSubject, 123, c)
	s.blobs = append(s.blobs, s.file)
}

// open opens the next draw on jury, for the given round.
func (s *scene) open(round, seen uint64, change func(*sortition.Manifest)) {
	s.t.Helper()
	nb := s.sign(123)
	due, err := s.chain.TimeOf(round)
	if err != nil {
		s.t.Fatal(err)
	}
	seq := int64(1)
	if s.manifest != nil {
		seq = s.manifest.Seq + 1
	}
	m := &sortition.Manifest{V: 1, Draw: jury, Seq: seq, Prev: s.commit, Method: sortition.Strata, StrataBy: []string{"district"},
		Strata:   []sortition.Stratum{{Stratum: "north", Seats: 6, Alternates: 3}, {Stratum: "south", Seats: 3, Alternates: 3}},
		Register: sortition.RegisterRef{Root: s.register.Root(), Size: int64(s.register.Size())}, OnePerHousehold: true,
		DrawTime: due, Beacon: sortition.Round{Chain: s.chain.Hash, Round: round}, Rehearsal: s.rehearsal,
		NotBefore: &sortition.NotBefore{Round: nb.Round, Signature: nb.Signature}}
	if change != nil {
		change(m)
	}
	b, err := m.Canonical()
	if err != nil {
		s.t.Fatal(err)
	}
	s.manifest, s.commit = m, sortition.CommitBytes(b)
	s.put(audit.KindDrawOpen, jury, seen, audit.DrawOpen{Manifest: b, Commit: s.commit, Approved: s.approved})
}

// outcome draws, and lets change falsify result and record before they are logged.
func (s *scene) outcome(seen uint64, change func(*sortition.Result, *audit.DrawResult)) {
	s.t.Helper()
	b := s.sign(s.manifest.Beacon.Round)
	r, err := sortition.Draw(s.manifest, s.register, b)
	if err != nil {
		s.t.Fatal(err)
	}
	body := audit.DrawResult{Commit: s.commit, Seed: r.Seed, Beacon: beacon.File{Chain: s.chain.Hash, Beacon: b}}
	if change != nil {
		change(&r, &body)
	}
	data, err := r.Canonical()
	if err != nil {
		s.t.Fatal(err)
	}
	body.Result = audit.Blob{SHA256: sha256.Sum256(data), Bytes: int64(len(data))}
	s.put(audit.KindDrawResult, jury, seen, body)
	s.blobs, s.beacons = append(s.blobs, data), append(s.beacons, body.Beacon)
}

func (s *scene) void(seen uint64, late bool) {
	s.t.Helper()
	s.put(audit.KindDrawVoid, jury, seen, audit.DrawVoid{Commit: s.commit, Reason: "a street was missing from the list", Late: late})
}

// begin is the log up to the register, among records about other things.
func (s *scene) begin() {
	s.t.Helper()
	s.beat(2)
	s.city()
	s.beat(2)
	s.freeze(s.commitment())
}

// good is an honest log with one draw.
func good(t testing.TB) *scene {
	t.Helper()
	s := newScene(t)
	s.begin()
	s.open(1000, 123, nil)
	s.beat(123)
	s.outcome(1000, nil)
	s.beat(1000)
	return s
}
