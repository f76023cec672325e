package charter

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"kleroterion/service/identity"
	"kleroterion/service/ratio"
)

// walk drives a History, the slow replay and a History that never amends through the same events.
type walk struct {
	history, first *History
	slow           slow
	now            int64
	seq            map[secret]int64
	keys           map[secret]secret
	accepted       int
	tier           int
}

func drawCharter(t *rapid.T) *Charter {
	c := small()
	r := c.Ratchet
	r.Age, r.Epoch = rapid.Int64Range(0, 40).Draw(t, "age"), rapid.Int64Range(1, 15).Draw(t, "epoch")
	r.Start = 1000 + rapid.Int64Range(-60, r.Epoch).Draw(t, "start")
	after, share := int64(0), int64(24)
	for i := 1; i < len(r.Tiers); i++ {
		after += rapid.Int64Range(1, 120).Draw(t, "after")
		share -= rapid.Int64Range(1, 8).Draw(t, "share")
		r.Tiers[i] = Tier{Share: ratio.New(share, 48), After: after,
			Members: rapid.Int64Range(1, 6).Draw(t, "members"), Hold: rapid.Int64Range(1, 5).Draw(t, "hold")}
	}
	return c
}

func newWalk(t *rapid.T) *walk {
	w := &walk{history: NewHistory(true), first: NewHistory(true), now: 1000, seq: map[secret]int64{}, keys: map[secret]secret{}}
	c := drawCharter(t)
	for _, h := range []*History{w.history, w.first} {
		if err := h.Adopt(adoption(c, 1000, 0), c); err != nil {
			t.Fatal(err)
		}
	}
	w.slow.adoptions = []adopted{{charter: c, effective: 1000}}
	return w
}

// move draws one move and gives it to all three; it may be refused, by both histories alike.
func (w *walk) move(t *rapid.T) {
	who := rapid.SampledFrom([]secret{"ada", "bo", "m0", "m1", "m2", "m3", "m4", "m5"}).Draw(t, "who")
	action := rapid.SampledFrom([]identity.Action{identity.ActionAdmit, identity.ActionAdmit, identity.ActionSuspend,
		identity.ActionRestore, identity.ActionLeave, identity.ActionRotate}).Draw(t, "action")
	key, by := secret(""), secret("city")
	if action.WithKey() {
		key = secret(fmt.Sprintf("%s-%d", who, w.seq[who]+1))
	}
	if action.Own() {
		by = w.keys[who]
	}
	mv := signed(w.now, about(action, who, w.seq[who]+1, key), by)
	err, other := w.history.Move(mv), w.first.Move(mv)
	if (err == nil) != (other == nil) {
		t.Fatalf("%s of %s: %v, without amendments %v", action, who, err, other)
	}
	if err != nil {
		return
	}
	w.seq[who]++
	if key != "" {
		w.keys[who] = key
	}
	w.slow.moves = append(w.slow.moves, mv)
}

// amend draws an amendment, sound or not; who refuses it must not be changed by it.
func (w *walk) amend(t *rapid.T) {
	old := w.slow.adoptions[len(w.slow.adoptions)-1].charter
	next := successor(old)
	next.Amendment.Delay = rapid.Int64Range(0, 50).Draw(t, "delay")
	for range rapid.IntRange(0, 3).Draw(t, "edits") {
		drawEdit(t, next)
	}
	if next.Check(true) != nil {
		return
	}
	if err := w.history.Adopt(adoption(next, w.now, old.Amendment.Delay), next); err != nil {
		return
	}
	w.accepted++
	w.slow.adoptions = append(w.slow.adoptions, adopted{charter: next, effective: w.now + old.Amendment.Delay})
}

func drawEdit(t *rapid.T, c *Charter) {
	r := c.Ratchet
	if r == nil {
		return
	}
	i := rapid.IntRange(0, len(r.Tiers)-1).Draw(t, "tier")
	by := rapid.Int64Range(-4, 1).Draw(t, "by")
	switch rapid.SampledFrom([]string{"share", "members", "hold", "after", "age", "cut", "add", "founder", "start", "none"}).Draw(t, "edit") {
	case "share":
		r.Tiers[i].Share = r.Tiers[i].Share.Add(ratio.New(by, 48))
		c.Chambers[0].Share, c.Chambers[1].Share = r.Tiers[0].Share, ratio.New(4, 5).Sub(r.Tiers[0].Share)
	case "members":
		r.Tiers[i].Members += by
	case "hold":
		r.Tiers[i].Hold += by
	case "after":
		r.Tiers[i].After += 9 * by
	case "age":
		r.Age += by
	case "start":
		r.Start += by
	case "cut":
		last := r.Tiers[len(r.Tiers)-1].Share
		r.Tiers = r.Tiers[:max(2, i+1)]
		r.Tiers[len(r.Tiers)-1].Share = last
	case "add":
		end := r.Tiers[len(r.Tiers)-1]
		r.Tiers = append(r.Tiers, Tier{Share: end.Share.Mul(ratio.New(1, 2)), Members: 2, Hold: 1, After: end.After + 20})
	case "founder":
		c.Founders.Members = slices.Delete(c.Founders.Members, 0, min(1, len(c.Founders.Members)))
	case "none":
		c.Ratchet, c.Founders, c.Chambers = nil, nil, c.Chambers[1:]
		c.Chambers[0].Share = ratio.New(4, 5)
	}
}

func foundersPart(t *rapid.T, h *History, at int64) (ratio.Ratio, int, []TierEvent) {
	c, _, tier, events, err := h.At(at)
	if err != nil {
		t.Fatal(err)
	}
	checkSharesOf(t, c, tier)
	list, err := c.SharesAt(tier, h.Members().ActiveFounders(c))
	if err != nil {
		t.Fatal(err)
	}
	if list[0].ID == ChamberFounders {
		return list[0].Share, tier, events
	}
	return ratio.Ratio{}, tier, events
}

func checkSharesOf(t *rapid.T, c *Charter, tier int) {
	for founders := range int64(2) {
		sum := ratio.Ratio{}
		for _, s := range must(c.SharesAt(tier, founders)) {
			sum = sum.Add(s.Share)
		}
		if !sum.Equal(ratio.New(1, 1)) {
			t.Fatalf("shares sum to %s", sum)
		}
	}
}

// look compares what the three say at a time, and holds the tier to the ratchet's promises.
func (w *walk) look(t *rapid.T, at int64) {
	part, tier, events := foundersPart(t, w.history, at)
	wantTier, wantEvents := w.slow.at(at)
	if diff := cmp.Diff(wantEvents, events); diff != "" || tier != wantTier {
		t.Fatalf("at %d: tier %d, the slow replay has %d (-slow +got):\n%s", at, tier, wantTier, diff)
	}
	if at == w.now && tier < w.tier {
		t.Fatalf("at %d: tier %d after %d", at, tier, w.tier)
	}
	if at == w.now {
		w.tier = tier
		w.lookAtRolls(t)
	}
	for i, e := range events {
		if e.Tier != i+1 || i > 0 && events[i-1].Epoch >= e.Epoch {
			t.Fatalf("events %+v", events)
		}
	}
	if first, _, _ := foundersPart(t, w.first, at); part.Cmp(first) > 0 {
		t.Fatalf("at %d: founders have %s, under the first charter they would have %s", at, part, first)
	}
}

// lookAtRolls compares the rolls with the people whom the slow replay finds active.
func (w *walk) lookAtRolls(t *rapid.T) {
	c, _, _, _, err := w.history.At(w.now)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string][]string{ChamberFounders: nil, ChamberMembers: nil}
	for _, id := range slices.Sorted(maps.Keys(w.slow.people(w.now + 1))) {
		chamber := ChamberMembers
		if c.Founders != nil && slices.Contains(c.Founders.Members, id) {
			chamber = ChamberFounders
		}
		want[chamber] = append(want[chamber], id)
	}
	for chamber, ids := range want {
		var got []string
		for _, e := range w.history.Members().Roll(c, chamber) {
			got = append(got, e.Member)
		}
		if diff := cmp.Diff(ids, got); diff != "" {
			t.Fatalf("roll of %s (-slow +got):\n%s", chamber, diff)
		}
	}
}

func TestRatchetOfRandomHistories(t *testing.T) {
	accepted, tiers := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		w := newWalk(t)
		for range rapid.IntRange(1, 25).Draw(t, "events") {
			w.now += rapid.Int64Range(0, 25).Draw(t, "pause")
			if rapid.IntRange(0, 3).Draw(t, "kind") == 0 {
				w.amend(t)
			} else {
				w.move(t)
			}
			w.look(t, w.now)
			w.look(t, w.now+rapid.Int64Range(0, 300).Draw(t, "ahead"))
		}
		accepted, tiers = accepted+w.accepted, tiers+w.tier
	})
	if accepted < 20 || tiers < 20 {
		t.Errorf("only %d amendments were accepted and %d tiers rose: the test says nothing", accepted, tiers)
	}
}

// Asking about a time ahead leaves the replay where it was; so does a refused record.
func TestAskingChangesNothing(t *testing.T) {
	h, c := NewHistory(true), small()
	if err := h.Adopt(adoption(c, 1000, 0), c); err != nil {
		t.Fatal(err)
	}
	if _, _, tier, _, err := h.At(100_000); err != nil || tier != 3 {
		t.Fatalf("tier %d, %v", tier, err)
	}
	if err := h.Move(signed(1001, about(identity.ActionAdmit, "m0", 1, "m0"), "mallory")); err == nil {
		t.Fatal("a stranger's attestation was accepted")
	}
	if _, _, tier, _, err := h.At(1001); err != nil || tier != 0 {
		t.Errorf("tier %d, %v", tier, err)
	}
}

// A year of seconds, with a hundred people who come of age one by one, is a hundred steps and not 31
// million: the test would not end otherwise.
func TestAYearOfSeconds(t *testing.T) {
	h, c := NewHistory(true), small()
	c.Ratchet.Epoch, c.Ratchet.Age = 1, 86_400
	c.Ratchet.Tiers = []Tier{{Share: ratio.New(1, 2)}, {Share: ratio.New(1, 4), Members: 50, Hold: 1000, After: 19 * year}, {Share: ratio.New(1, 8), Members: 101, Hold: 1, After: 20 * year}}
	if err := h.Adopt(adoption(c, 1000, 0), c); err != nil {
		t.Fatal(err)
	}
	for i := range int64(100) {
		who := secret(fmt.Sprint("m", i))
		if err := h.Move(signed(1000+10*i, about(identity.ActionAdmit, who, 1, who), "city")); err != nil {
			t.Fatal(err)
		}
	}
	for range 20 {
		_, _, tier, events, err := h.At(1000 + 18*year)
		reached := int64(1000 + 10*49 + 86_400) // the 50th comes of age; the row is full 999 epochs later
		want := []TierEvent{{Epoch: reached + 999 - 1001, Tier: 1, At: reached + 999, Members: 100, Share: ratio.New(1, 4), By: ByMembers}}
		if diff := cmp.Diff(want, events); diff != "" || tier != 1 || err != nil {
			t.Fatalf("tier %d, %v (-want +got):\n%s", tier, err, diff)
		}
	}
}

func TestAdoptionsRefused(t *testing.T) {
	c := small()
	late := small()
	late.Ratchet.Start = 1011
	polled := adoption(c, 1000, 0)
	polled.Poll = &PollRef{}
	second := successor(c)
	another := successor(c)
	another.Name = "Another"
	unpolled := adoption(second, 1001, 20)
	unpolled.Poll = nil
	rehashed := adoption(second, 1001, 20)
	rehashed.Hash[0] ^= 1
	for name, tc := range map[string]struct {
		before []Adopt
		a      Adopt
		c      *Charter
		want   string
	}{
		"a second charter first":            {nil, adoption(second, 1000, 0), second, "sequence /charter/seq"},
		"a first charter with a poll":       {nil, polled, c, "adopt_form /poll"},
		"a first charter with a delay":      {nil, adoption(c, 1000, 1), c, "adopt_form /effective"},
		"a ratchet that begins next year":   {nil, adoption(late, 1000, 0), late, "ratchet_form /charter/ratchet/start"},
		"a first charter again":             {[]Adopt{adoption(c, 1000, 0)}, adoption(c, 1001, 20), c, "sequence /seq"},
		"effective too early":               {[]Adopt{adoption(c, 1000, 0)}, adoption(second, 1001, 19), second, "adopt_form /effective"},
		"effective too late":                {[]Adopt{adoption(c, 1000, 0)}, adoption(second, 1001, 21), second, "adopt_form /effective"},
		"an amendment without a poll":       {[]Adopt{adoption(c, 1000, 0)}, unpolled, second, "adopt_form /poll"},
		"another hash":                      {[]Adopt{adoption(c, 1000, 0)}, rehashed, second, "adopt_form /hash"},
		"another charter than the record":   {[]Adopt{adoption(c, 1000, 0)}, adoption(second, 1001, 20), another, "adopt_form /charter"},
		"before the first":                  {[]Adopt{adoption(c, 1000, 0)}, adoption(second, 999, 20), second, "time /at"},
		"while another one is pending":      {[]Adopt{adoption(c, 1000, 0), adoption(second, 1001, 20)}, adoption(another, 1020, 20), another, "adopt_form /at"},
		"after another has taken its place": {[]Adopt{adoption(c, 1000, 0), adoption(second, 1001, 20)}, adoption(another, 1021, 20), another, "sequence /seq"},
	} {
		t.Run(name, func(t *testing.T) {
			h := NewHistory(true)
			for _, a := range tc.before {
				if err := h.Adopt(a, must(a.Parsed(true))); err != nil {
					t.Fatal(err)
				}
			}
			err := h.Adopt(tc.a, tc.c)
			if list := told(err); !slices.Contains(list, tc.want) {
				t.Errorf("got %v (%v), want %s", list, err, tc.want)
			}
			if len(h.adopted) != len(tc.before) {
				t.Errorf("%d charters after the refusal", len(h.adopted))
			}
		})
	}
}

func TestNothingBeforeACharter(t *testing.T) {
	h := NewHistory(true)
	if _, _, _, _, err := h.At(1000); err == nil {
		t.Error("At answers")
	}
	var r *Refusal
	if err := h.Move(signed(1000, about(identity.ActionAdmit, "m0", 1, "m0"), "city")); !errors.As(err, &r) || r.Rule != ruleSequence {
		t.Errorf("got %v", err)
	}
	if _, err := small().SharesAt(-1, 0); err == nil {
		t.Error("there is a tier -1")
	}
}
