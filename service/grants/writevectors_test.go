package grants

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"kleroterion/randomness/beacon"
	"kleroterion/randomness/canonical"
	"kleroterion/service/poll"
	"kleroterion/service/ratio"
	"kleroterion/service/voting"
)

// tape applies records to a round and writes them down.
type tape struct {
	*held
	t *testing.T
	v roundVector
}

func newTape(t *testing.T, name string, h *held) *tape {
	p := &tape{h, t, roundVector{Hash: h.hash(), Manifest: h.text, Name: name, Roll: string(h.roll)}}
	if h.door.Manifest.Mode == poll.ModeSealed {
		p.v.Beacon = &beacon.File{Chain: h.w.state.Chain.Hash, Beacon: h.closing()}
	}
	return p
}

func (p *tape) put(kind string, v any, file ...byte) {
	p.t.Helper()
	p.n++
	rec := vectorRecord{Body: body(v), File: string(file), Kind: kind, N: p.n}
	if err := (replay{p.Round, p.w.state.Chain, p.v}).apply(p.t, rec); err != nil {
		p.t.Fatalf("%s: %v", kind, err)
	}
	p.v.Records = append(p.v.Records, rec)
}

// result records a version whose amounts were worked out by hand.
func (p *tape) result(reason string, want map[string]string, changes ...Correction) {
	p.t.Helper()
	if p.v.Beacon != nil && p.opened == nil {
		if err := p.Open(p.t.Context(), p.w.state.Chain, p.closing(), nil); err != nil {
			p.t.Fatal(err)
		}
	}
	v, err := p.Compute(changes, p.v.Jury)
	if err != nil {
		p.t.Fatal(err)
	}
	if diff := cmp.Diff(want, v.amounts()); diff != "" {
		p.t.Fatal(diff)
	}
	p.put("round.result", v.Record(p.Last(), reason))
	p.v.Results = append(p.v.Results, v.Bytes)
}

// refused notes a record that the round refuses now, and checks that it does.
func (p *tape) refused(name, rule, kind string, v any, file ...byte) refusedRecord {
	return refusedRecord{After: p.n, Name: name, Record: vectorRecord{Body: body(v), File: string(file), Kind: kind, N: p.n + 1}, Round: p.v.Name, Rule: rule}
}

func putVectors(t *testing.T) {
	t.Helper()
	open, bad := openVector(t)
	sealed, more := sealedVector(t)
	v := vectors{
		Chain: must(canonical.Transform(open.w.state.Chain.InfoV2())), Manifests: badManifests(string(sealed.text)),
		Refused: append(bad, more...), Rounds: []roundVector{open.v, sealed.v},
	}
	text := must(canonical.Marshal(v))
	for _, mark := range []string{`{"after":`, `{"body":`, `{"beacon":`, `{"name":`, `{"hash":`} {
		text = bytes.ReplaceAll(text, []byte(","+mark), []byte(",\n"+mark))
	}
	if err := os.WriteFile(vectorFile, append(text, '\n'), 0o644); err != nil {
		t.Fatal(err)
	}
}

// openVector is a round with every kind of record: four projects, two of which go, weights, a jury.
func openVector(t *testing.T) (*tape, []refusedRecord) {
	w := newWorld(poll.ModeOpen)
	w.asked.Jury = &Jury{Poll: "community/river/poll/jury-spring", Share: ratio.New(1, 4)}
	p := newTape(t, "open", w.open())
	p.v.Jury = juryResult(true, map[string]int64{"mill": 4, "weir": 2})
	p.v.Jury.Invalid, p.v.Jury.Ties, p.v.Jury.Spec = []voting.Invalid{}, []voting.Tie{}, voting.Spec
	var bad []refusedRecord
	note := func(list ...refusedRecord) { bad = append(bad, list...) }
	for i, id := range []string{"mill", "weir", "dam", "lock"} {
		if i == 0 {
			note(p.refused("a second early", RuleWindow, "project.move", p.owned(Apply, people[i], id, opens-1)))
		}
		p.put("project.move", p.owned(Apply, people[i], id, opens))
	}
	strange, other := p.owned(Apply, "zoe", "bridge", opens), p.owned(Change, "cy", "mill", opens)
	note(p.refused("a stranger", RuleNotOnRoll, "project.move", strange), p.refused("another owner", RuleState, "project.move", other),
		p.refused("a taken id", RuleState, "project.move", p.owned(Apply, "di", "mill", opens)),
		p.refused("an old signature", RuleSignature, "project.move", must(p.owned(Change, "ada", "mill", opens).Sign(person("ada").private(), p.hash(), 1))),
		p.refused("at the end", RuleWindow, "project.move", p.owned(Change, "ada", "mill", appsEnd)))
	p.put("project.move", p.owned(Change, "ada", "mill", opens+1))
	p.put("project.move", review(Reject, "rita", "weir", appsEnd))
	note(p.refused("too late", RuleAppeal, "project.move", p.owned(Appeal, "bo", "weir", appsEnd+500)))
	p.put("project.move", p.owned(Appeal, "bo", "weir", appsEnd+499))
	note(p.refused("by who rejected it", RuleReviewer, "project.move", review(Approve, "rita", "weir", appsEnd+499)))
	for _, id := range []string{"weir", "mill", "dam"} {
		p.put("project.move", review(Approve, "sam", id, appsEnd+499))
	}
	p.put("project.move", review(Reject, "rita", "lock", appsEnd+499))
	p.put("round.topup", Topup{Amount: units("20000"), At: giftStart, Reference: "town"})
	p.put("gift.add", p.gift("cy", "mill", "900", 1, giftStart))
	p.put("gift.add", p.payment("cy", "mill", "900", "t-1", giftStart))
	for _, g := range append(p.badOpenGifts(), p.badPayments()...) {
		if g.gift.At >= giftStart && g.name != "with white space" { // a record here is written canonically
			note(p.refused(g.name, g.rule, "gift.add", g.gift))
		}
	}
	note(p.refused("to a rejected project", RuleNotApproved, "gift.add", p.gift("cy", "lock", "5", 2, giftStart)))
	p.finishOpen(note)
	return p, bad
}

func (p *tape) finishOpen(note func(...refusedRecord)) {
	p.put("gift.refund", Refund{At: giftStart, N: p.n, Reason: ForFailed})
	note(p.refused("twice", RuleRefund, "gift.refund", Refund{At: giftStart, N: p.n - 1, Reason: ForAsked}),
		p.refused("of no gift", RuleRefund, "gift.refund", Refund{At: giftStart, N: 2, Reason: ForAsked}))
	p.put("gift.add", p.gift("di", "mill", "1600", 1, giftStart))
	p.put("gift.add", p.gift("cy", "weir", "400", 2, giftStart))
	p.put("gift.add", p.payment("ed", "weir", "400", "t-2", giftStart+1))
	p.put("gift.add", p.gift("di", "dam", "5000", 2, giftEnd-1))
	file := weightsFile("ed", 250_000, "di", 1_000_000)
	record := Weights{At: giftEnd - 1, File: poll.FileOf(file), Source: "the school", Version: 1}
	note(p.refused("another file", RuleWeights, "round.weights", record, file[1:]...))
	p.put("round.weights", record, file...)
	p.put("project.move", p.owned(Withdraw, "cy", "dam", giftEnd-1))
	note(p.refused("a second early", RuleTime, "round.close", Close{At: giftEnd - 1, Gifts: 6}),
		p.refused("another number", RuleRecord, "round.close", Close{At: giftEnd, Gifts: 5}),
		p.refused("before a result", RuleStage, "payout.done", Payout{Account: "DE1", Amount: units("1"), At: giftEnd, Project: "mill", Reference: "p", Version: 1}))
	p.put("round.close", Close{At: giftEnd, Gifts: 6})
	note(p.refused("after the close", RuleStage, "round.topup", Topup{Amount: units("1"), At: giftEnd, Reference: "late"}))
	// 120000 − 12000 solidarity = 108000, a quarter to the jury: 27000 as 2 to 1. W is 2400 and, with
	// ed's 400 weighing 100, 400: 81000 as 6 to 1, the odd unit to the larger remainder.
	p.result("", map[string]string{"mill": "87429", "weir": "20571"})
	// With ed's whole weight W is 800: 81000 as 3 to 1.
	ed := p.door.Pseudonym(person("ed").donor())
	p.result("the school's mistake", map[string]string{"mill": "78750", "weir": "29250"}, Correction{Donor: ed, Weight: weight(1_000_000)})
	pay := Payout{Account: "DE1", Amount: units("78750"), At: giftEnd, Project: "mill", Reference: "p1", Version: 2}
	over, old := pay, pay
	over.Amount, old.Version = units("78751"), 1
	note(p.refused("a unit too much", RulePayout, "payout.done", over), p.refused("by an old version", RulePayout, "payout.done", old))
	p.put("payout.done", pay)
	note(p.refused("by the same reference", RuleRepeated, "payout.done", pay), p.refused("after a result", RuleStage, "round.void", Void{At: giftEnd, Reason: "regret"}))
}

// sealedVector is a sealed round in which gifts were copied, padded wrongly and sealed to nothing.
func sealedVector(t *testing.T) (*tape, []refusedRecord) {
	p := newTape(t, "sealed", newWorld(poll.ModeSealed).open())
	for i, id := range []string{"mill", "weir"} {
		p.put("project.move", p.owned(Apply, people[i], id, opens))
		p.put("project.move", review(Approve, "rita", id, opens))
	}
	first := p.gift("cy", "mill", "900", 1, giftStart)
	p.put("gift.add", first)
	p.put("gift.add", p.payment("cy", "mill", "900", "t-1", giftStart))
	var bad []refusedRecord
	for _, g := range p.badSealedGifts() {
		bad = append(bad, p.refused(g.name, g.rule, "gift.add", g.gift))
	}
	p.put("gift.refund", Refund{At: giftStart, N: p.n, Reason: ForAsked})
	p.put("gift.add", p.gift("di", "mill", "1600", 1, giftStart))
	p.put("gift.add", p.gift("cy", "weir", "400", 2, giftStart))
	p.put("gift.add", p.gift("di", "weir", "400", 2, giftStart))
	copied := Gift{Donor: person("ed").donor(), Nonce: nonce(1), Round: p.hash(), Sealed: first.claim(t).sealed}
	p.put("gift.add", must(copied.Sign(person("ed").private(), giftStart)))
	p.put("gift.add", p.sealText("ed", 2, strings.Repeat(" ", 512), giftStart))
	raw := must(base64.StdEncoding.DecodeString(first.claim(t).sealed))
	raw[len(raw)-1] ^= 1
	broken := Gift{Donor: person("ed").donor(), Nonce: nonce(3), Round: p.hash(), Sealed: base64.StdEncoding.EncodeToString(raw)}
	p.put("gift.add", must(broken.Sign(person("ed").private(), giftStart)))
	p.put("gift.add", p.gift("ada", "mill", "5", 1, giftStart)) // her own
	p.put("gift.add", p.gift("ed", "bridge", "5", 4, giftStart))
	p.put("gift.add", p.gift("ed", "mill", "0", 5, giftStart))
	p.put("round.close", Close{At: giftEnd, Gifts: p.Gifts()})
	// W is 2400 and 800: 90000 as 3 to 1.
	p.result("", map[string]string{"mill": "67500", "weir": "22500"})
	if n := len(p.Invalid()); n != 6 {
		t.Fatalf("%d gifts are invalid, want 6", n)
	}
	p.result("a duplicate of the mill", map[string]string{"mill": "90000"}, Correction{Project: "weir", What: Struck})
	return p, bad
}

func badManifests(text string) (list []refusedManifest) {
	for _, c := range [][4]string{
		{"another version", RuleForm, `"v":1,`, `"v":2,`}, {"white space", RuleForm, `"v":1,`, `"v": 1,`},
		{"a member too many", RuleForm, `{"appeal"`, `{"answer":1,"appeal"`}, {"rehearsal false", RuleForm, `"rehearsal":true`, `"rehearsal":false`},
		{"another community", RuleForm, `"community":"river"`, `"community":"lake"`}, {"no name", RuleForm, `"Spring round"`, `""`},
		{"another mode", RuleForm, `"mode":"sealed"`, `"mode":"open"`}, {"a ballot's size", RuleForm, `"size":512`, `"size":256`},
		{"self is neither", RuleForm, `"self":"refused"`, `"self":"maybe"`}, {"weights false", RuleForm, `"weights":true`, `"weights":false`},
		{"gifts end as they start", RuleTimes, fmt.Sprint(giftEnd), fmt.Sprint(giftStart)}, {"an appeal below 0", RuleTimes, `"appeal":500`, `"appeal":-1`},
		{"a number as the pool", RuleForm, `"pool":"100000"`, `"pool":100000`}, {"another rule of matching", RuleForm, `"rule":"qf"`, `"rule":"lot"`},
		{"the jury's roll", RuleForm, `"chamber":"members"`, `"chamber":"jury"`},
	} {
		changed := strings.Replace(text, c[2], c[3], 1)
		if changed == text {
			panic(c[2] + " is not in the manifest")
		}
		list = append(list, refusedManifest{Name: c[0], Rule: c[1], Text: changed})
	}
	return list
}
