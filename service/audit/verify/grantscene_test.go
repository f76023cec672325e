package verify

import (
	"bytes"
	"cmp"
	"fmt"
	"maps"
	"slices"
	"sync"
	"testing"

	"kleroterion/funding"
	"kleroterion/randomness/beacon"
	"kleroterion/service/audit"
	"kleroterion/service/audit/bundle"
	"kleroterion/service/grants"
	"kleroterion/service/identity"
	"kleroterion/service/poll"
	"kleroterion/service/voting"
)

const roundSubject = communeSubject + "/round/spring"

// giving is a funding round in the making, in a community on a dev chain.
type giving struct {
	*commune
	terms   *grants.Manifest
	text    []byte // of it
	roll    []byte
	id      audit.Hash // of the round
	votes   *voting.Result
	none    grants.NoJury // of a poll that gave no votes
	files   [][]byte
	jurysOf []byte // bundle of the jury's poll
	moved   map[string]int64
	nonces  int64
	before  []*giving // the round after each of its honest steps, if known
	shift   int       // from the people of the garden to others
}

func units(s string) funding.Amount {
	a, err := funding.ParseAmount(s)
	if err != nil {
		panic(err)
	}
	return a
}

// garden is a community of ten without a jury. Each round is signed once.
func garden(t testing.TB) *commune {
	t.Helper()
	c := newCommune(t)
	sign, signed := c.sign, map[uint64]beacon.Beacon{}
	var busy sync.Mutex // copies of the garden share it
	c.sign = func(round uint64) beacon.Beacon {
		busy.Lock()
		defer busy.Unlock()
		if _, ok := signed[round]; !ok {
			signed[round] = sign(round)
		}
		return signed[round]
	}
	c.found(withoutJury)
	for i := range 10 {
		c.move(identity.ActionAdmit, memberID(i))
		c.now--
	}
	return c
}

func newGiving(c *commune) *giving {
	return &giving{commune: c, moved: map[string]int64{}}
}

// again is the round as it stands, for changes that leave the first one alone. Both have one history of the
// community: who moves a member begins with a garden of their own.
func (g *giving) again(t testing.TB) *giving {
	next := *g
	next.commune = g.commune.again(t)
	next.n, next.prev, next.seq, next.generation = maps.Clone(g.n), maps.Clone(g.prev), maps.Clone(g.seq), maps.Clone(g.generation)
	next.moved, next.files = maps.Clone(g.moved), slices.Clip(g.files)
	return &next
}

// asked is what the steward of the garden chooses.
func (g *giving) asked(mode poll.Mode) grants.Asked {
	a := grants.Asked{
		Slug: "spring", Name: "Spring in the garden", Opens: g.now, ApplicationsEnd: g.now + 300, GiftsStart: g.now + 600, GiftsEnd: g.now + 900,
		Appeal: 250, Mode: mode, Self: grants.SelfRefused, Weights: true, Connectors: []grants.Connector{{ID: "bank", Key: publicKey("bank")}},
		Params: funding.Params{Asset: &funding.Asset{Code: "EUR", Decimals: 2}, Pool: units("100000"), Rule: funding.Quadratic, Solidarity: "1/10", Spec: funding.Spec},
	}
	if mode == poll.ModeSealed {
		a.Size = 512
	}
	return a
}

// openRound opens the round that follows from the state. change may falsify it, and the roll.
func (g *giving) openRound(a grants.Asked, change func(*giving)) {
	g.t.Helper()
	state := g.state()
	var err error
	if g.terms, g.roll, err = grants.Build(state, a); err != nil {
		g.t.Fatal(err)
	}
	if change != nil {
		change(g)
	}
	if g.text, err = g.terms.Canonical(); err != nil {
		g.t.Fatal(err)
	}
	g.id = grants.HashBytes(g.text)
	g.files = append(g.files, g.roll)
	g.add(audit.KindRoundOpen, audit.RoundOpen{Open: grants.Open{Hash: g.id, Manifest: g.text}})
}

func (g *giving) add(kind audit.Kind, body any) { g.t.Helper(); g.log(kind, roundSubject, body) }

// newest is the number of the round's newest record.
func (g *giving) newest() int64 { return g.n[roundSubject] }

func (g *giving) keep(text string) *poll.File {
	g.files = append(g.files, []byte(text))
	f := poll.FileOf([]byte(text))
	return &f
}

// owned is a move as the owner's program makes it, signed with this key.
func (g *giving) owned(act grants.Act, owner int, project, key string) grants.Move {
	g.t.Helper()
	mv := grants.Move{Act: act, At: g.now, Project: project}
	switch act {
	case grants.Apply, grants.Change:
		mv.Owner, mv.Title, mv.Text = memberID(owner), "The "+project, g.keep("about the "+project+"\nand what it is for")
		mv.Account = "account of " + project
	case grants.Appeal:
		mv.Text = g.keep("look again at the " + project)
	}
	mv, err := mv.Sign(privateKey(key), g.id, g.moved[project]+1)
	if err != nil {
		g.t.Fatal(err)
	}
	return mv
}

// do logs a move and counts it.
func (g *giving) do(mv grants.Move) {
	g.t.Helper()
	g.add(audit.KindProjectMove, audit.ProjectMove{Move: mv})
	g.moved[mv.Project]++
}

func (g *giving) owner(act grants.Act, owner int, project string) {
	g.t.Helper()
	g.do(g.owned(act, owner, project, g.keyOf(member(owner))))
}

func (g *giving) review(act grants.Act, reviewer, project string) {
	g.t.Helper()
	mv := grants.Move{Act: act, At: g.now, Project: project, Reviewer: reviewer}
	if act == grants.Reject {
		mv.Ground, mv.Text = grants.Evidence, g.keep("no evidence for the "+project)
	}
	g.do(mv)
}

// gift is one of a donor, sealed in a sealed round, and not signed yet.
func (g *giving) gift(donor int, project, amount string) grants.Gift {
	g.t.Helper()
	g.nonces++
	x := grants.Gift{Amount: amount, Donor: member(donor), Nonce: fmt.Sprintf("%032x", g.nonces), Project: project, Round: g.id, V: 1}
	if g.terms.Mode == poll.ModeOpen {
		return x
	}
	x, err := grants.Door{Manifest: g.terms, Hash: g.id}.Seal(g.chain, x, g.entropy)
	if err != nil {
		g.t.Fatal(err)
	}
	return x
}

func (g *giving) send(x grants.Gift, key string) {
	g.t.Helper()
	body, err := x.Sign(privateKey(key), g.now)
	if err != nil {
		g.t.Fatal(err)
	}
	g.add(audit.KindGiftAdd, audit.GiftAdd{GiftAdd: body})
}

func (g *giving) give(donor int, project, amount string) {
	g.t.Helper()
	g.send(g.gift(donor, project, amount), g.keyOf(member(donor)))
}

func (g *giving) pay(donor int, project, amount, reference, connector string) {
	g.t.Helper()
	body, err := grants.Paid{Amount: amount, Donor: member(donor), Project: project, Reference: reference, Round: g.id}.Sign(privateKey(connector), connector, g.now)
	if err != nil {
		g.t.Fatal(err)
	}
	g.add(audit.KindGiftAdd, audit.GiftAdd{GiftAdd: body})
}

func (g *giving) refund(n int64) {
	g.t.Helper()
	g.add(audit.KindGiftRefund, audit.GiftRefund{Refund: grants.Refund{At: g.now, N: n, Reason: grants.ForAsked}})
}

func (g *giving) topup(amount string) {
	g.t.Helper()
	g.add(audit.KindRoundTopup, audit.RoundTopup{Topup: grants.Topup{Amount: units(amount), At: g.now, Reference: "the mill's own"}})
}

// weigh gives donors weights, in parts per million, and publishes them as this version.
func (g *giving) weigh(version int64, of map[int]int64) {
	g.t.Helper()
	var list []funding.Weight
	for i, w := range of {
		list = append(list, funding.Weight{Donor: member(i), PPM: w})
	}
	slices.SortFunc(list, func(a, b funding.Weight) int { return bytes.Compare([]byte(a.Donor), []byte(b.Donor)) })
	file, err := grants.WriteWeights(list)
	if err != nil {
		g.t.Fatal(err)
	}
	g.add(audit.KindRoundWeights, audit.RoundWeights{Weights: grants.Weights{At: g.now, File: *g.keep(string(file)), Source: "the garden's vouching", Version: version}})
}

func (g *giving) closeRound(change func(*grants.Close)) {
	g.t.Helper()
	g.now = max(g.now, g.terms.GiftsEnd)
	b := grants.Close{At: g.now, Gifts: int64(len(g.sent()))}
	if change != nil {
		change(&b)
	}
	g.add(audit.KindRoundClose, audit.RoundClose{Close: b})
}

func (g *giving) sent() (list []audit.Record) {
	for _, r := range g.records(roundSubject) {
		if r.Kind == audit.KindGiftAdd {
			list = append(list, r)
		}
	}
	return list
}

// result computes the next version as a service would, and lets change falsify file and record.
func (g *giving) result(reason string, changes []grants.Correction, change func(*grants.ResultFile, *grants.ResultRecord)) {
	g.t.Helper()
	if b := g.terms.Beacon; b != nil {
		due, err := g.chain.TimeOf(b.Round)
		if err != nil {
			g.t.Fatal(err)
		}
		g.now = max(g.now, due)
	}
	r := g.replica()
	v, err := r.Compute(changes, g.votes)
	if err != nil {
		g.t.Fatal(err)
	}
	rec, file := v.Record(g.now, reason), v.File
	if change != nil {
		file.Projects = slices.Clone(file.Projects)
		change(&file, &rec)
		if text, err := file.Canonical(); err != nil {
			g.t.Fatal(err)
		} else if !bytes.Equal(text, v.Bytes) {
			v.Bytes, rec.File = text, poll.FileOf(text)
		}
	}
	g.files = append(g.files, v.Bytes)
	g.add(audit.KindRoundResult, audit.RoundResult{ResultRecord: rec})
	if rec.Beacon != nil && rec.Version == 1 {
		g.beacons, g.polled = append(g.beacons, *rec.Beacon), true
	}
}

func (g *giving) payout(project, amount, reference string) {
	g.t.Helper()
	n := int64(0)
	for _, r := range g.records(roundSubject) {
		if r.Kind == audit.KindRoundResult {
			n++
		}
	}
	g.add(audit.KindPayoutDone, audit.PayoutDone{Payout: grants.Payout{Account: "account of " + project, Amount: units(amount), At: g.now, Project: project, Reference: reference, Version: n}})
}

// replica is what an honest service makes of the records so far. What it refuses is not in it: a forger
// goes on all the same.
func (g *giving) replica() *grants.Round {
	g.t.Helper()
	r, err := grants.New(g.text, g.roll)
	if err != nil {
		g.t.Fatal(err)
	}
	for _, rec := range g.records(roundSubject)[1:] {
		body, err := rec.Decoded()
		if err == nil {
			err = g.replay(r, rec.N, body)
		}
		if err != nil {
			g.t.Logf("record %d, %s: %v", rec.N, rec.Kind, err)
		}
	}
	if g.votes == nil && g.terms.Jury != nil {
		if err := r.WithoutJury(cmp.Or(g.none, grants.JuryAbsent)); err != nil {
			g.t.Fatal(err)
		}
	}
	if g.terms.Mode == poll.ModeSealed {
		if err := r.Open(g.t.Context(), g.chain, g.sign(g.terms.Beacon.Round), nil); err != nil {
			g.t.Logf("opening: %v", err)
		}
	}
	return g.versions(r)
}

func (g *giving) replay(r *grants.Round, n int64, body any) error {
	switch b := body.(type) {
	case audit.RoundTopup:
		return r.ApplyTopup(b.Topup)
	case audit.ProjectMove:
		return r.ApplyMove(b.Move)
	case audit.GiftAdd:
		return r.ApplyGift(n, b.GiftAdd)
	case audit.GiftRefund:
		return r.ApplyRefund(b.Refund)
	case audit.RoundWeights:
		for _, f := range g.files {
			if poll.FileOf(f) == b.File {
				return r.ApplyWeights(b.Weights, f)
			}
		}
	case audit.RoundClose:
		b.Gifts = r.Gifts()
		b.At = max(b.At, g.terms.GiftsEnd)
		return r.ApplyClose(b.Close)
	}
	return nil
}

// versions takes the results recorded, as they should have been.
func (g *giving) versions(r *grants.Round) *grants.Round {
	g.t.Helper()
	for _, rec := range g.records(roundSubject) {
		body, _ := rec.Decoded()
		if b, ok := body.(audit.RoundResult); ok {
			v, err := r.Compute(b.Changes, g.votes)
			if err == nil {
				err = r.ApplyResult(v.Record(max(b.At, r.Last()), b.Reason), v)
			}
			if err != nil {
				g.t.Logf("version %d: %v", b.Version, err)
			}
		}
	}
	return r
}

func (g *giving) contents() bundle.RoundContents { g.t.Helper(); return g.under(g.note()) }

func (g *giving) under(note []byte) bundle.RoundContents {
	g.t.Helper()
	c := bundle.RoundContents{CreatedBy: "kleroterion test", Subject: roundSubject, Rehearsal: true, Chains: g.devs, Policy: []byte(logPolicy())}
	if g.polled && g.terms.Beacon != nil {
		c.Beacons = g.beacons[len(g.beacons)-1:]
	}
	for _, s := range []string{communeSubject, membersSubject, roundSubject} {
		c.Threads = append(c.Threads, g.thread(s, note))
	}
	have := map[audit.Hash]bool{}
	for _, data := range g.files {
		if b := blobOf(data); !have[b.SHA256] {
			have[b.SHA256] = true
			c.Blobs = append(c.Blobs, b)
		}
	}
	if g.jurysOf != nil {
		b := blobOf(g.jurysOf)
		c.Polls = []bundle.Nested{{Subject: pollSubject, SHA256: b.SHA256, Bytes: b.Bytes, Open: b.Open}}
	}
	return c
}

func packedRound(t testing.TB, c bundle.RoundContents) []byte {
	t.Helper()
	var buf bytes.Buffer
	if err := bundle.WriteRound(&buf, c); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

func (g *giving) packRound() []byte { g.t.Helper(); return packedRound(g.t, g.contents()) }
