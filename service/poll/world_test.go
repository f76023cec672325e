package poll

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"crypto/sha3"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"kleroterion/randomness/beacon"
	"kleroterion/randomness/canonical"
	"kleroterion/randomness/devchain"
	"kleroterion/randomness/sortition"
	"kleroterion/randomness/timelock"
	"kleroterion/service/charter"
	"kleroterion/service/identity"
	"kleroterion/service/ratio"
	"kleroterion/service/seating"
	"kleroterion/service/voting"
)

const (
	genesis = int64(1_700_000_000)
	opens   = int64(1_800_000_000)
	closes  = opens + 3600
	seats   = "city/town/draw/canal/seats"
	subject = "community/river/poll/lock"
	term    = int64(1_000_000)
)

// person is somebody whose key and member id are made from a name.
type person string

func (p person) private() ed25519.PrivateKey {
	seed := sha256.Sum256([]byte("poll tests: " + p))
	return ed25519.NewKeyFromSeed(seed[:])
}

func (p person) key() identity.Key {
	return identity.Ed25519Key(p.private().Public().(ed25519.PublicKey))
}

func (p person) id() string {
	sum := sha256.Sum256([]byte("member " + p))
	return hex.EncodeToString(sum[:])
}

// member names a member as a voter.
func (p person) member() string { return MemberVoter(voting.Members, p.id()) }

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// network is always the same chain of rounds each 3 s.
func network() *devchain.Network {
	return must(devchain.New(devchain.Options{Period: 3 * time.Second, Genesis: genesis, Now: time.Now,
		Secret: bytes.NewReader([]byte("poll tests: a secret, told to al"))}))
}

// entropy is a stream without end, the same for the same seed.
func entropy(seed string) io.Reader {
	stream := sha3.NewSHAKE128()
	_, _ = stream.Write([]byte(seed))
	return stream
}

// world is a community at the opening of a poll.
type world struct {
	net   *devchain.Network
	state State
	asked Question
}

// people are the members; ada and bo found, cy, di and ed do not.
var people = []person{"cy", "di", "ed"}

// newWorld is a community of three members with a jury of three seats, of which seat 2 has no key.
func newWorld(tb testing.TB, mode Mode) *world {
	tb.Helper()
	net := network()
	chain := net.Chain()
	c := charter.Example("river", "River Commons", chain.Hash, []identity.Attester{{ID: "hall", Key: person("hall").key()}}, "town")
	c.Ballot.Mode, c.Ballot.Notice, c.Amendment.Delay = string(mode), 60, 60
	c.Chambers[1].Seats = 3
	if err := c.Check(true); err != nil {
		tb.Fatal(err)
	}
	return &world{net: net, asked: Question{Name: "lock", Text: "Shall the lock be repaired?", Class: ClassOrdinary, Method: voting.YesNo, Opens: opens, Closes: closes},
		state: State{Charter: c, Hash: must(c.Hash()), Members: electors(people...), Jury: newJury(tb), Seats: 3, Chain: chain, Counted: counted()}}
}

func counted() []Counted {
	return []Counted{{Last: beacon.Hash{1}, Records: 2, Subject: "community/river"},
		{Last: beacon.Hash{2}, Records: 3, Subject: "community/river/members"}, {Last: beacon.Hash{3}, Records: 7, Subject: seats}}
}

func electors(list ...person) (out []charter.Elector) {
	for _, p := range list {
		out = append(out, charter.Elector{Member: p.id(), Key: p.key()})
	}
	slices.SortFunc(out, func(a, b charter.Elector) int { return strings.Compare(a.Member, b.Member) })
	return out
}

func juror(n string) string { return strings.Repeat("0", 63) + n }

// newJury is three serving seats, of which the second gave no key.
func newJury(tb testing.TB) *seating.Jury {
	tb.Helper()
	r := sortition.Result{Commit: beacon.Hash{1}, Seed: beacon.Hash{2}, V: 1,
		Strata: []sortition.Places{{Stratum: "all", Seats: []string{juror("1"), juror("2"), juror("3")}, Alternates: []string{}}}}
	text, err := r.Canonical()
	if err != nil {
		tb.Fatal(err)
	}
	digest := sha256.Sum256(text)
	j, err := seating.New(seats, r, digest, seating.Open{Answer: 7200, At: opens - 9000, Commit: r.Commit,
		Result: digest, Starts: opens - 8000, Ends: opens + term}, false)
	if err != nil {
		tb.Fatal(err)
	}
	moves(tb, j, j.Due(opens-9000)...)
	for n, name := range []person{"seat 1", "", "seat 3"} {
		mv := seating.Move{Act: seating.Accept, At: opens - 8500, Seat: int64(n + 1), ID: juror(string(rune('1' + n)))}
		if name != "" {
			key := name.key()
			mv.Key = &key
		}
		moves(tb, j, mv)
	}
	return j
}

func moves(tb testing.TB, j *seating.Jury, list ...seating.Move) {
	tb.Helper()
	if n, err := seating.Replay(j, list); err != nil {
		tb.Fatalf("move %d, %+v: %v", n, list[n], err)
	}
}

// held is an open poll with what somebody needs to vote in it and to count it.
type held struct {
	*world
	m     *Manifest
	text  []byte
	hash  beacon.Hash
	files [][]byte
}

func (w *world) open(tb testing.TB) *held {
	tb.Helper()
	m, files, err := Build(w.state, w.asked)
	if err != nil {
		tb.Fatal(err)
	}
	text, err := m.Canonical()
	if err != nil {
		tb.Fatal(err)
	}
	return &held{world: w, m: m, text: text, hash: HashBytes(text), files: files}
}

func (h *held) roll(tb testing.TB) *Roll {
	tb.Helper()
	r := new(Roll)
	for i, ref := range h.m.Rolls {
		if err := r.ReadRoll(ref, bytes.NewReader(h.files[i])); err != nil {
			tb.Fatal(err)
		}
	}
	return r
}

func (h *held) box(tb testing.TB) *Box {
	tb.Helper()
	return NewBox(h.m, h.hash, h.roll(tb))
}

func (h *held) closing() beacon.Beacon { return must(h.net.Sign(h.m.Beacon.Round)) }

const (
	yes     = `{"vote":"yes"}`
	no      = `{"vote":"no"}`
	abstain = `{"vote":"abstain"}`
)

// cast is a ballot as an honest voter's program makes it.
func (h *held) cast(by person, voter, choice string) Cast {
	b := Ballot{Choice: []byte(choice), Poll: h.hash, Voter: voter}
	if h.m.Mode == ModeSealed {
		b = must(Seal(h.m, h.state.Chain, b, entropy(voter+choice)))
	}
	return must(b.Sign(by.private()))
}

// sealText seals any plaintext as the ballot of a voter.
func (h *held) sealText(by person, voter, text string) Cast {
	file := must(timelock.Seal(h.state.Chain, h.m.Beacon.Round, []byte(text), entropy(voter+text)))
	return sign(by, Ballot{Poll: h.hash, Sealed: base64.StdEncoding.EncodeToString(file), Voter: voter})
}

// padded fills a text up to the size of the poll's plaintexts.
func (h *held) padded(text string) string {
	return text + strings.Repeat(" ", int(h.m.Size)-len(text))
}

func sign(by person, b Ballot) Cast { return must(b.Sign(by.private())) }

// signText signs any text as a ballot.
func signText(by person, text string) Cast {
	return Cast{Ballot: []byte(text), Signature: identity.Sign(by.private(), identity.ThingBallot, []byte(text))}
}

// records numbers casts from 2, as they stand after poll.open.
func records(casts ...Cast) []Record {
	out := make([]Record, len(casts))
	for i, c := range casts {
		out[i] = Record{N: int64(i + 2), Body: must(canonical.Marshal(c))}
	}
	return out
}

// wantRule fails unless err is a refusal of ours or of tally.md by a rule.
func wantRule(tb testing.TB, err error, rule string) {
	tb.Helper()
	var ours *Refusal
	var choice *voting.Refusal
	switch {
	case errors.As(err, &ours) && ours.Rule == rule && ours.Message != "":
	case errors.As(err, &choice) && choice.Rule == rule:
	default:
		tb.Errorf("error %v (%T), want a refusal by rule %s", err, err, rule)
	}
}

func part(n, d int64) *ratio.Ratio { r := ratio.New(n, d); return &r }
