package grants

import (
	"fmt"
	"math/big"
	"testing"

	"pgregory.net/rapid"

	"kleroterion/service/poll"
	"kleroterion/service/ratio"
)

// ledger is what a round should hold, kept in the plainest way.
type ledger struct {
	pool     *big.Int
	gifts    map[int64]entry
	refunded map[int64]bool
	gone     map[string]bool // withdrawn projects
}

type entry struct {
	project string
	amount  int64
}

// sums is what each project that counts was given.
func (l ledger) sums(projects []string) map[string]string {
	of := map[string]int64{}
	for n, g := range l.gifts {
		if !l.refunded[n] {
			of[g.project] += g.amount
		}
	}
	out := map[string]string{}
	for _, p := range projects {
		if !l.gone[p] {
			out[p] = fmt.Sprint(of[p])
		}
	}
	return out
}

var three = []string{"dam", "mill", "weir"}

// Whatever happens in a round: money is conserved, and what counts is what was given and not taken back.
func TestMoneyIsConservedWhateverHappens(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		w := newWorld(poll.ModeOpen)
		w.asked.Self = SelfAllowed
		if rapid.Bool().Draw(rt, "jury") {
			w.asked.Jury = &Jury{Poll: "community/river/poll/j", Share: ratio.New(rapid.Int64Range(1, 6).Draw(rt, "n"), 7)}
		}
		if rapid.Bool().Draw(rt, "cap") {
			w.asked.Params.Cap = units("30000")
		}
		h := w.open().approved(t, three...)
		l := ledger{big.NewInt(100_000), map[int64]entry{}, map[int64]bool{}, map[string]bool{}}
		for range rapid.IntRange(0, 25).Draw(rt, "steps") {
			h.step(t, rt, &l)
		}
		h.closed(t)
		result := juryResult(rapid.Bool().Draw(rt, "met"), map[string]int64{"mill": rapid.Int64Range(-5, 9).Draw(rt, "mill"), "weir": rapid.Int64Range(-5, 9).Draw(rt, "weir")})
		if w.asked.Jury == nil {
			result = nil
		}
		v, err := h.Compute(nil, result)
		if err != nil {
			rt.Fatal(err)
		}
		if v.sum().Cmp(l.pool) != 0 || h.Pool().Big().Cmp(l.pool) != 0 {
			rt.Fatalf("%s was there, the round has %s and gives %s", l.pool, h.Pool(), v.sum())
		}
		got := map[string]string{}
		for _, p := range v.File.Projects {
			got[p.Project] = p.Sum.String()
		}
		if want := l.sums(three); fmt.Sprint(got) != fmt.Sprint(want) {
			rt.Fatalf("counted %v, want %v", got, want)
		}
		if v.File.Jury == nil && v.Digest.String() != v.File.Digest.String() {
			rt.Fatal("the digest is not that of matching")
		}
		h.payAll(rt, v)
	})
}

// step is one record, which may be refused only where the ledger says so.
func (h *held) step(t *testing.T, rt *rapid.T, l *ledger) {
	project := rapid.SampledFrom(three).Draw(rt, "project")
	switch rapid.IntRange(0, 6).Draw(rt, "kind") {
	case 0:
		n := rapid.Int64Range(1, 99_999).Draw(rt, "topup")
		if err := h.ApplyTopup(Topup{Amount: units(fmt.Sprint(n)), At: giftStart, Reference: "x"}); err != nil {
			rt.Fatal(err)
		}
		l.pool.Add(l.pool, big.NewInt(n))
	case 1:
		n := rapid.Int64Range(2, h.n+1).Draw(rt, "refund")
		_, recorded := l.gifts[n]
		err := h.ApplyRefund(Refund{At: giftStart, N: n, Reason: ForFailed})
		if want := recorded && !l.refunded[n]; want != (err == nil) {
			rt.Fatalf("refund of %d: %v", n, err)
		}
		l.refunded[n] = recorded
	case 2:
		if rapid.IntRange(0, 3).Draw(rt, "withdraw") > 0 {
			return
		}
		q, _ := h.Project(project)
		owner := people[map[string]int{"dam": 0, "mill": 1, "weir": 2}[project]]
		if err := h.ApplyMove(h.owned(Withdraw, owner, project, giftStart)); (err == nil) == l.gone[project] {
			rt.Fatalf("withdraw of %s, which is %s: %v", project, q.State, err)
		}
		l.gone[project] = true
	default:
		amount, by := rapid.Int64Range(1, 9999).Draw(rt, "amount"), rapid.SampledFrom(people).Draw(rt, "donor")
		h.n++
		g := h.gift(by, project, fmt.Sprint(amount), int(h.n), giftStart)
		if rapid.Bool().Draw(rt, "paid") {
			g = h.payment(by, project, fmt.Sprint(amount), fmt.Sprint(h.n), giftStart)
		}
		err := h.ApplyGift(h.n, g)
		if (err == nil) == l.gone[project] {
			rt.Fatalf("gift to %s, withdrawn %v: %v", project, l.gone[project], err)
		}
		if err == nil {
			l.gifts[h.n] = entry{project, amount}
		}
	}
}

// payAll pays all to the unit, and finds that one more is refused.
func (h *held) payAll(rt *rapid.T, v *Version) {
	if err := h.ApplyResult(v.Record(giftEnd, ""), v); err != nil {
		rt.Fatal(err)
	}
	for _, p := range v.File.Payable() {
		pay := Payout{Account: "x", Amount: p.Amount, At: giftEnd, Project: p.Project, Reference: "all", Version: 1}
		if err := h.ApplyPayout(pay); (err == nil) == p.Amount.IsZero() {
			rt.Fatalf("paying %s to %s: %v", p.Amount, p.Project, err)
		}
		pay.Amount, pay.Reference = units("1"), "more"
		if err := h.ApplyPayout(pay); err == nil {
			rt.Fatalf("%s got a unit more than %s", p.Project, p.Amount)
		}
	}
}

// Records of different people and projects may come in any order: matching has the same bytes.
func TestTheOrderOfIndependentRecordsChangesNothing(t *testing.T) {
	modes(t, func(t *testing.T, w *world) {
		w.asked.Self = SelfAllowed
		first := w.open().approved(t, three...)
		type record func(h *held) error
		var list []record
		add := func(g GiftAdd) { list = append(list, func(h *held) error { h.n++; return h.ApplyGift(h.n, g) }) }
		for i, by := range people {
			add(first.gift(by, three[i%3], fmt.Sprint(100+i*37), 1, giftStart))
			add(first.payment(by, three[(i+1)%3], fmt.Sprint(200+i*11), fmt.Sprint(i), giftStart))
		}
		list = append(list, func(h *held) error { return h.ApplyTopup(Topup{Amount: units("77"), At: giftStart, Reference: "x"}) })
		gone := first.owned(Withdraw, "ada", "dam", giftStart)
		list = append(list, func(h *held) error { return h.ApplyWeights(weightsRecord()) })
		rapid.Check(t, func(rt *rapid.T) {
			texts := [2]string{}
			for i := range texts {
				h := w.open().approved(t, three...)
				order := list
				if i == 1 {
					order = rapid.Permutation(list).Draw(rt, "order")
				}
				for _, apply := range order {
					if err := apply(h); err != nil {
						rt.Fatal(err)
					}
				}
				h.moved(t, gone)                                                            // after the gifts to it
				texts[i] = string(must(h.closed(t).version(t, "").File.Result.Canonical())) // invalid gifts are listed by number
			}
			if texts[0] != texts[1] {
				rt.Fatalf("two orders, two results:\n%s\n%s", texts[0], texts[1])
			}
		})
	})
}

func weightsRecord() (Weights, []byte) {
	file := weightsFile("cy", 300_000, "di", 0)
	return Weights{At: giftStart, File: poll.FileOf(file), Source: "x", Version: 1}, file
}
