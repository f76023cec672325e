package service_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"sync"
	"testing"

	"kleroterion/service"
	"kleroterion/service/identity"
	"kleroterion/service/seating"
)

// postbox is a mailer that a test can close.
type postbox struct {
	mu    sync.Mutex
	shut  bool
	mails []service.Mail
}

func (p *postbox) Send(_ context.Context, m service.Mail) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.shut {
		return errors.New("no answer")
	}
	p.mails = append(p.mails, m)
	return nil
}

var codeForm = regexp.MustCompile(`[0-9A-Z]{5}(-[0-9A-Z]{5}){3}`)

// mailedJury has its seats offered in a town where the even half has mail addresses.
func mailedJury(t *testing.T, p *postbox) *polity {
	t.Helper()
	w := newWorld(t)
	options := w.Options
	options.Mailer, options.URL = p, "https://lot.example.org"
	var err error
	w.Service, err = service.New(options)
	must(t, err)
	var town strings.Builder
	town.WriteString("id,name,contact,district\n")
	for i := range 40 {
		contact := []string{fmt.Sprintf("p%d@example.org", i), "call 555 at home@night"}[i/2%2]
		fmt.Fprintf(&town, "P%02d,Name %d,%s,%s\n", i, i, contact, []string{"north", "south"}[i%2])
	}
	reg := w.imported("mailed", town.String())
	_, err = w.FreezeRegister(t.Context(), w.registrar, reg.ID, service.Freeze{})
	must(t, err)
	w.work()
	in := w.newDraw(reg, "mailed")
	in.OnePerHousehold = false
	d, err := w.OpenDraw(t.Context(), w.registrar, in)
	must(t, err)
	w.clock.Store(d.DueAt + 5)
	w.work()
	c := &polity{world: w}
	c.draw, err = w.Draw(t.Context(), d.ID)
	must(t, err)
	_, err = w.OpenSeats(t.Context(), w.registrar, service.NewJury{DrawID: d.ID, Answer: 100_000, Starts: w.clock.Load(), Ends: w.clock.Load() + 1_000_000})
	must(t, err)
	return c
}

func (c *polity) printed(seats ...int64) []service.Letter {
	c.t.Helper()
	list, err := c.Letters(c.t.Context(), c.registrar, c.draw.ID, service.CodeAnswer, seats)
	must(c.t, err)
	return list
}

func TestMailAndLetterDoNotVoidEachOther(t *testing.T) {
	p := &postbox{shut: true}
	c := mailedJury(t, p)
	all := c.printed() // while mails wait: only those without an address
	c.work()
	p.shut = false
	c.clock.Add(100)
	c.work()
	if len(p.mails)+len(all) != 6 || len(p.mails) == 0 || len(all) == 0 {
		t.Fatalf("%d mails and %d letters for 6 seats: want some of each", len(p.mails), len(all))
	}
	again := c.printed()
	if len(again) != len(all) {
		t.Errorf("%d letters, and with all mails sent %d", len(all), len(again))
	}
	for _, m := range p.mails {
		v, err := c.Invitation(t.Context(), codeForm.FindString(m.Text))
		if err != nil || v.Seat.State != seating.Invited {
			t.Errorf("a mailed code opens nothing after letters were printed: %v", err)
		}
	}
	for _, l := range again {
		if _, err := c.Invitation(t.Context(), l.Code); err != nil {
			t.Errorf("a printed code: %v", err)
		}
	}
}

func TestMailSaysThatItIsARehearsalAndOffersNoMoreThanTheSeats(t *testing.T) {
	p := new(postbox)
	c := mailedJury(t, p)
	c.work()
	if len(p.mails) == 0 {
		t.Fatal("nothing was mailed")
	}
	m := p.mails[0]
	if !strings.HasPrefix(m.Subject, "REHEARSAL: ") || !strings.Contains(m.Text, "REHEARSAL") || strings.Contains(m.Text, "another time") ||
		!strings.Contains(m.Text, "city/example/jury/mailed") {
		t.Errorf("mail of a rehearsal without deferral:\n%s\n%s", m.Subject, m.Text)
	}
}

func TestNamedSeatThatGetsNoLetterIsRefused(t *testing.T) {
	c := mailedJury(t, new(postbox))
	_, err := c.Letters(t.Context(), c.registrar, c.draw.ID, service.CodeAnswer, []int64{1, 7})
	wantRefusal(t, err, service.KindNotFound, seating.RuleSeat)
	_, err = c.Letters(t.Context(), c.registrar, c.draw.ID, service.CodeKey, []int64{1})
	wantRefusal(t, err, service.KindConflict, seating.RuleState)
}

func TestLetterInPlaceOfAMailEndsIt(t *testing.T) {
	p := &postbox{shut: true}
	c := mailedJury(t, p)
	c.work() // every mail fails once
	all := c.printed(1, 2, 3, 4, 5, 6)
	p.shut = false
	c.clock.Add(100)
	c.work()
	if len(all) != 6 || len(p.mails) != 0 {
		t.Errorf("%d letters, and %d mails after them", len(all), len(p.mails))
	}
	if all = c.printed(); len(all) != 6 {
		t.Errorf("%d letters the next time: nobody got a mail", len(all))
	}
	for _, l := range all {
		if _, err := c.Invitation(t.Context(), l.Code); err != nil {
			t.Errorf("a printed code: %v", err)
		}
	}
}

func TestMailThatFailsForADayIsGivenUpAndPrinted(t *testing.T) {
	p := &postbox{shut: true}
	c := mailedJury(t, p)
	without := len(c.printed())
	c.work()
	c.clock.Add(24 * 3600)
	c.work()
	if list := c.printed(); len(list) != 6 || without == 6 {
		t.Errorf("%d letters at first, %d after the mails were given up: want all 6", without, len(list))
	}
}

func TestNothingPrivateOfMailIsKeptInJobsOrLogLines(t *testing.T) {
	p := new(postbox)
	c := mailedJury(t, p)
	c.work()
	for _, m := range p.mails {
		for _, secret := range []string{m.To, codeForm.FindString(m.Text)} {
			if strings.Contains(c.log.String(), secret) {
				t.Errorf("a log line has %q", secret)
			}
		}
	}
}

// stuck is a mailer that never answers.
type stuck struct{}

func (stuck) Send(ctx context.Context, _ service.Mail) error { <-ctx.Done(); return ctx.Err() }

// told closes a channel when a poll has been counted.
type told struct {
	service.Store
	counted chan struct{}
	once    *sync.Once
}

type toldTx struct {
	service.Tx
	t told
}

func (s told) Write(ctx context.Context, fn func(service.Tx) error) error {
	return s.Store.Write(ctx, func(tx service.Tx) error { return fn(toldTx{tx, s}) })
}

func (x toldTx) UpdatePoll(p service.Poll) error {
	if p.State == service.PollCounted {
		x.t.once.Do(func() { close(x.t.counted) })
	}
	return x.Tx.UpdatePoll(p)
}

func TestPollIsCountedWhileTheMailServerHangs(t *testing.T) {
	c := mailedJury(t, new(postbox))
	c.steward = service.Actor{KeyID: "stew", Role: service.RoleSteward, Community: "commons"}
	_, err := c.AddCommunity(t.Context(), c.operator, service.NewCommunity{Slug: "commons", Name: "The Commons"})
	must(t, err)
	c.adoptFirst(nil)
	_, err = c.MoveMember(t.Context(), "commons", c.statement(identity.ActionAdmit, 1, 1, keyPointer("someone")))
	must(t, err)
	l := c.printed(1, 2, 3, 4, 5, 6)
	_, err = c.Answer(t.Context(), l[0].Code, service.Answer{Act: seating.Accept})
	must(t, err)
	p := c.openedPoll("hanging")
	c.clock.Store(p.DueAt + 5)
	options := c.Options
	watch := told{c.Options.Store, make(chan struct{}), new(sync.Once)}
	options.Store, options.Mailer, options.Hook = watch, stuck{}, deaf{}
	s, err := service.New(options)
	must(t, err)
	_, err = s.AddCity(t.Context(), c.operator, service.NewCity{Slug: "more", Name: "More"}) // a record to tell of
	must(t, err)
	for i := range 5 {
		_, err = s.AddCommunity(t.Context(), c.operator, service.NewCommunity{Slug: fmt.Sprint("c", i), Name: "C"})
		must(t, err)
	}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- s.Run(ctx) }()
	<-watch.counted
	stop()
	must(t, <-ended)
}

// deaf is a hook that never answers.
type deaf struct{}

func (deaf) Tell(ctx context.Context, _ service.LogEntry) error { <-ctx.Done(); return ctx.Err() }

func keyPointer(name string) *identity.Key {
	k := publicKey(person(name))
	return &k
}

func TestOnePublicKeyIsOneMembersUnderWhateverSite(t *testing.T) {
	c := newPolity(t, 1)
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(t, err)
	point, err := private.PublicKey.Bytes()
	must(t, err)
	key := identity.Key{Alg: identity.WebAuthn, Public: point, RP: "example.org"}
	_, err = c.MoveMember(t.Context(), "commons", c.statement(identity.ActionAdmit, 5, 1, &key))
	must(t, err)
	key.RP = "vote.example.org"
	_, err = c.MoveMember(t.Context(), "commons", c.statement(identity.ActionAdmit, 6, 1, &key))
	wantRefusal(t, err, service.KindConflict, "key_taken")
	p := c.openedPoll("clean")
	c.vote(p, "members/"+token(0), yes)
	c.counted(p)
	c.verified(p)
}
