package grants

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"crypto/sha3"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"kleroterion/funding"
	"kleroterion/randomness/beacon"
	"kleroterion/randomness/canonical"
	"kleroterion/randomness/devchain"
	"kleroterion/randomness/timelock"
	"kleroterion/service/charter"
	"kleroterion/service/identity"
	"kleroterion/service/poll"
)

const (
	genesis   = int64(1_700_000_000)
	opens     = int64(1_800_000_000)
	appsEnd   = opens + 1000
	giftStart = opens + 2000
	giftEnd   = opens + 3000
	subject   = "community/river/round/spring"
)

// person is somebody whose key and member id are made from a name.
type person string

func (p person) private() ed25519.PrivateKey {
	seed := sha256.Sum256([]byte("grants tests: " + p))
	return ed25519.NewKeyFromSeed(seed[:])
}

func (p person) key() identity.Key {
	return identity.Ed25519Key(p.private().Public().(ed25519.PublicKey))
}

func (p person) id() string {
	sum := sha256.Sum256([]byte("member " + p))
	return hex.EncodeToString(sum[:])
}

func (p person) donor() string { return poll.MemberVoter(chamber, p.id()) }

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func units(s string) funding.Amount { return must(funding.ParseAmount(s)) }

func network() *devchain.Network {
	return must(devchain.New(devchain.Options{Period: 3 * time.Second, Genesis: genesis, Now: time.Now,
		Secret: bytes.NewReader([]byte("grants tests: a secret, told to a"))}))
}

// entropy is a stream without end, the same for the same seed.
func entropy(seed string) io.Reader {
	stream := sha3.NewSHAKE128()
	_, _ = stream.Write([]byte(seed))
	return stream
}

// members of the river; zoe is none.
var people = []person{"ada", "bo", "cy", "di", "ed"}

// world is a community about to open a round.
type world struct {
	net   *devchain.Network
	state poll.State
	asked Asked
}

func newWorld(mode poll.Mode) *world {
	net := network()
	chain := net.Chain()
	c := charter.Example("river", "River Commons", chain.Hash, []identity.Attester{{ID: "hall", Key: person("hall").key()}}, "town")
	w := &world{net: net, state: poll.State{Charter: c, Hash: beacon.Hash{7}, Chain: chain, Counted: []poll.Counted{
		{Last: beacon.Hash{1}, Records: 2, Subject: "community/river"}, {Last: beacon.Hash{2}, Records: 5, Subject: "community/river/members"},
		{Last: beacon.Hash{3}, Records: 7, Subject: "city/town/draw/canal/seats"}}}}
	for i, p := range people {
		list := &w.state.Members
		if i == 0 { // ada founded the river
			list = &w.state.Founders
		}
		*list = append(*list, charter.Elector{Member: p.id(), Key: p.key()})
	}
	slices.SortFunc(w.state.Members, func(a, b charter.Elector) int { return strings.Compare(a.Member, b.Member) })
	w.asked = Asked{
		Slug: "spring", Name: "Spring round", Opens: opens, ApplicationsEnd: appsEnd, GiftsStart: giftStart, GiftsEnd: giftEnd,
		Appeal: 500, Mode: mode, Self: SelfRefused, Weights: true, Connectors: []Connector{{ID: "bank", Key: person("bank").key()}},
		Params: funding.Params{Asset: &funding.Asset{Code: "EUR", Decimals: 2}, Pool: units("100000"), Rule: funding.Quadratic, Solidarity: "1/10", Spec: funding.Spec},
	}
	if mode == poll.ModeSealed {
		w.asked.Size = 512
	}
	return w
}

// held is a round with what somebody needs to give in it and to replay it.
type held struct {
	*Round
	w    *world
	text []byte
	roll []byte
	n    int64 // number of the newest record
	seq  map[string]int64
}

func (w *world) open() *held {
	m, roll, err := Build(w.state, w.asked)
	if err != nil {
		panic(err)
	}
	text := must(m.Canonical())
	return &held{Round: must(New(text, roll)), w: w, text: text, roll: roll, n: 1, seq: map[string]int64{}}
}

func (h *held) hash() beacon.Hash { return h.door.Hash }

func (h *held) closing() beacon.Beacon { return must(h.w.net.Sign(h.door.Manifest.Beacon.Round)) }

func textFile(s string) *poll.File { f := poll.FileOf([]byte(s)); return &f }

// owned is a move as the owner's program makes it.
func (h *held) owned(act Act, p person, project string, at int64) Move {
	mv := Move{Act: act, At: at, Project: project}
	switch act {
	case Apply, Change:
		mv.Owner, mv.Title, mv.Text = p.id(), "The "+project, textFile("about "+project)
	case Appeal:
		mv.Text = textFile("look again")
	}
	q, _ := h.Project(project)
	return must(mv.Sign(p.private(), h.hash(), q.Seq+1))
}

func review(act Act, reviewer, project string, at int64) Move {
	mv := Move{Act: act, At: at, Project: project, Reviewer: reviewer}
	if act == Reject {
		mv.Ground, mv.Text = Scope, textFile("not here")
	}
	return mv
}

// moved applies moves that must be taken.
func (h *held) moved(tb testing.TB, list ...Move) {
	tb.Helper()
	for i, mv := range list {
		if err := h.ApplyMove(mv); err != nil {
			tb.Fatalf("move %d, %s of %s: %v", i, mv.Act, mv.Project, err)
		}
	}
}

// approved brings projects in, the nth owned by the nth person.
func (h *held) approved(tb testing.TB, projects ...string) *held {
	tb.Helper()
	for i, id := range projects {
		h.moved(tb, h.owned(Apply, people[i%len(people)], id, opens))
	}
	for _, id := range projects {
		h.moved(tb, review(Approve, "rita", id, appsEnd))
	}
	return h
}

func nonce(n int) string { return fmt.Sprintf("%032x", n) }

// gift is one as an honest donor's program makes it, sealed in a sealed round.
func (h *held) gift(p person, project, amount string, n int, at int64) GiftAdd {
	g := Gift{Amount: amount, Donor: p.donor(), Nonce: nonce(n), Project: project, Round: h.hash()}
	if h.door.Manifest.Mode == poll.ModeSealed {
		g = must(h.door.Seal(h.w.state.Chain, g, entropy(amount+project+string(p)+nonce(n))))
	}
	return must(g.Sign(p.private(), at))
}

func (h *held) payment(p person, project, amount, reference string, at int64) GiftAdd {
	return must(Paid{Amount: amount, Donor: p.donor(), Project: project, Reference: reference, Round: h.hash()}.Sign(person("bank").private(), "bank", at))
}

// sealText seals any plaintext as the gift of a donor.
func (h *held) sealText(p person, n int, text string, at int64) GiftAdd {
	m := h.door.Manifest
	file := must(timelock.Seal(h.w.state.Chain, m.Beacon.Round, []byte(text), entropy(text)))
	return must(Gift{Donor: p.donor(), Nonce: nonce(n), Round: h.hash(), Sealed: base64.StdEncoding.EncodeToString(file)}.Sign(p.private(), at))
}

func (h *held) gave(tb testing.TB, list ...GiftAdd) *held {
	tb.Helper()
	for i, g := range list {
		h.n++
		if err := h.ApplyGift(h.n, g); err != nil {
			tb.Fatalf("gift %d: %v", i, err)
		}
	}
	return h
}

// closed closes the round and opens what is sealed.
func (h *held) closed(tb testing.TB) *held {
	tb.Helper()
	if err := h.ApplyClose(Close{At: max(giftEnd, h.Last()), Gifts: h.Gifts()}); err != nil {
		tb.Fatal(err)
	}
	if h.door.Manifest.Mode == poll.ModeSealed {
		if err := h.Open(tb.Context(), h.w.state.Chain, h.closing(), nil); err != nil {
			tb.Fatal(err)
		}
	}
	return h
}

// version computes a version and takes its record.
func (h *held) version(tb testing.TB, reason string, changes ...Correction) *Version {
	tb.Helper()
	v, err := h.Compute(changes, nil)
	if err != nil {
		tb.Fatal(err)
	}
	if err := h.ApplyResult(v.Record(h.Last(), reason), v); err != nil {
		tb.Fatal(err)
	}
	return v
}

// amounts is what each project gets in all.
func (v *Version) amounts() map[string]string {
	m := map[string]string{}
	for _, p := range v.File.Payable() {
		m[p.Project] = p.Amount.String()
	}
	return m
}

func wantRule(tb testing.TB, err error, rule string) {
	tb.Helper()
	var ours *Refusal
	if !errors.As(err, &ours) || ours.Rule != rule || ours.Message == "" {
		tb.Errorf("error %v (%T), want a refusal by rule %s", err, err, rule)
	}
}

func modes(t *testing.T, do func(t *testing.T, w *world)) {
	for _, mode := range []poll.Mode{poll.ModeOpen, poll.ModeSealed} {
		t.Run(string(mode), func(t *testing.T) { do(t, newWorld(mode)) })
	}
}

func body(v any) []byte { return must(canonical.Marshal(v)) }

func padded(size int64, text string) string { return text + strings.Repeat(" ", int(size)-len(text)) }

// weightsOf lists weights as their file does.
func weightsOf(of map[person]int64) (list []funding.Weight) {
	for p, w := range of {
		list = append(list, funding.Weight{Donor: p.donor(), PPM: w})
	}
	slices.SortFunc(list, func(a, b funding.Weight) int { return strings.Compare(a.Donor, b.Donor) })
	return list
}
