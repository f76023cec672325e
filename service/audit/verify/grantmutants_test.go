package verify

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"kleroterion/service/audit"
	"kleroterion/service/audit/bundle"
	"kleroterion/service/grants"
	"kleroterion/service/identity"
	"kleroterion/service/poll"
)

// falseRound is a round that is false in one way. All else in it is as an honest service would have made
// it, signed by the log.
type falseRound struct {
	name   string
	fails  []int // the checks that fail by themselves
	says   string
	make   func(g *giving) []byte // from a round that was just opened
	sealed bool
}

// after is an honest round in which something was done after a step, up to its first version at least.
func after(step int, do func(g *giving)) func(g *giving) []byte {
	return func(g *giving) []byte {
		g.through(applied, step)
		do(g)
		if step < counted1 {
			g.through(step+1, counted1)
		}
		return g.packRound()
	}
}

// instead is an honest round in which something was done in place of a step and what follows it.
func instead(step int, do func(g *giving)) func(g *giving) []byte {
	return func(g *giving) []byte {
		g.through(applied, step-1)
		do(g)
		return g.packRound()
	}
}

// repackedRound is an honest round whose bundle was changed.
func repackedRound(change func(g *giving, c *bundle.RoundContents)) func(g *giving) []byte {
	return func(g *giving) []byte {
		c := g.through(applied, paid).contents()
		change(g, &c)
		return packedRound(g.t, c)
	}
}

func (g *giving) rewriteRound(c *bundle.RoundContents, i int, change func(lines [][]byte) [][]byte) {
	lines := bytes.SplitAfter(content(g.t, c.Threads[i].Open), []byte("\n"))
	c.Threads[i] = threadOf(c.Threads[i].Subject, bytes.Join(change(lines[:len(lines)-1]), nil), c.Threads[i].Proof)
}

// without leaves out the blobs that begin so.
func without(c *bundle.RoundContents, t fataler, begin string) {
	c.Blobs = slices.DeleteFunc(c.Blobs, func(b bundle.Blob) bool { return bytes.HasPrefix(content(t, b.Open), []byte(begin)) })
}

func roundFileFalsehoods() []falseRound {
	return []falseRound{
		{name: "a flipped byte in a project's text", fails: []int{1, 6}, says: "the text of project", make: func(g *giving) []byte {
			b := g.through(applied, paid).packRound()
			b[bytes.LastIndex(b, []byte("about the dam"))] ^= 1
			return b
		}},
		{name: "a blob that nothing names", fails: []int{1}, says: "named by no record", make: repackedRound(func(_ *giving, c *bundle.RoundContents) {
			c.Blobs = append(c.Blobs, blobOf([]byte("unasked")))
		})},
		{name: "a foreign log", fails: []int{2}, says: "not signed by a log of the policy", make: repackedRound(func(_ *giving, c *bundle.RoundContents) {
			for i := range c.Threads {
				c.Threads[i].Proof = bytes.ReplaceAll(c.Threads[i].Proof, []byte(origin), []byte("log.elsewh/kleroterion"))
			}
		})},
		{name: "a gift left out", fails: []int{3}, says: "n is", make: repackedRound(func(g *giving, c *bundle.RoundContents) {
			g.rewriteRound(c, 2, func(l [][]byte) [][]byte { return slices.Delete(l, 15, 16) })
		})},
		{name: "a last record left out", fails: []int{3}, says: "not in the log", make: repackedRound(func(g *giving, c *bundle.RoundContents) {
			g.rewriteRound(c, 2, func(l [][]byte) [][]byte { return l[:len(l)-1] })
		})},
		{name: "a gift put back in time", fails: []int{3}, says: "gift.add of", make: after(given, func(g *giving) {
			x := g.gift(8, "mill", "1000")
			body, err := x.Sign(privateKey(g.keyOf(member(8))), g.now-60)
			if err != nil {
				g.t.Fatal(err)
			}
			g.add(audit.KindGiftAdd, audit.GiftAdd{GiftAdd: body})
		})},
		{name: "a charter that no poll adopted", fails: []int{4}, says: "adopted by no poll", make: func(g *giving) []byte {
			g.forceCharter(g.nextCharter(), nil)
			g.before = nil
			return g.through(applied, paid).packRound()
		}},
		{name: "an admission by one attester of two", fails: []int{5}, says: "record 11, admit", make: func(g *giving) []byte {
			mv := g.statement(identity.ActionAdmit, memberID(50))
			mv.Attestations = mv.Attestations[:1]
			g.log(audit.KindMemberMove, membersSubject, audit.MemberMove{Move: mv})
			g.before = nil
			return g.through(applied, paid).packRound()
		}},
	}
}

func projectFalsehoods() []falseRound {
	return []falseRound{
		{name: "an application after its window", fails: []int{6}, says: "closed_window: project fountain: apply", make: after(reviewed, func(g *giving) { g.owner(grants.Apply, 8, "fountain") })},
		{name: "an application signed by another", fails: []int{6}, says: "signature: apply of project fountain", make: after(applied, func(g *giving) {
			g.do(g.owned(grants.Apply, 8, "fountain", g.keyOf(member(9))))
		})},
		{name: "an application by a stranger", fails: []int{6}, says: "not_on_roll", make: after(applied, func(g *giving) { g.do(g.owned(grants.Apply, 60, "fountain", "stranger")) })},
		{name: "a project approved twice", fails: []int{6}, says: "project_state: project mill is approved", make: after(reviewed, func(g *giving) { g.review(grants.Approve, "otto", "mill") })},
		{name: "an appeal decided by who decided before", fails: []int{6}, says: "reviewer: project park: rita decided before", make: after(reviewed, func(g *giving) {
			g.review(grants.Reject, "rita", "park")
			g.owner(grants.Appeal, 4, "park")
			g.review(grants.Approve, "rita", "park")
		})},
		{name: "a late appeal", fails: []int{6}, says: "appeal: project park: appeal at", make: after(reviewed, func(g *giving) {
			g.review(grants.Reject, "rita", "park")
			g.now += 260
			g.owner(grants.Appeal, 4, "park")
			g.now -= 260
		})},
		{name: "an approval undone when gifts had begun", fails: []int{6}, says: "an approval stands once gifts began", make: after(given, func(g *giving) { g.review(grants.Reject, "otto", "mill") })},
		{name: "a project's text left out", fails: []int{6}, says: "the text of project well, apply", make: repackedRound(func(g *giving, c *bundle.RoundContents) { without(c, g.t, "about the well") })},
		{name: "a project's text that is none", fails: []int{6}, says: "bytes, want 1 to 65536 of UTF-8", make: after(applied, func(g *giving) {
			mv := grants.Move{Act: grants.Apply, At: g.now, Project: "fountain", Owner: memberID(8), Title: "The fountain", Text: g.keep("a b\xff")}
			mv, err := mv.Sign(privateKey(g.keyOf(member(8))), g.id, 1)
			if err != nil {
				g.t.Fatal(err)
			}
			g.do(mv)
		})},
		{name: "a withdrawal when the gifts could be read", fails: []int{6}, sealed: true, says: "the log had seen the round that opens the gifts", make: after(given, func(g *giving) {
			g.now = g.terms.GiftsEnd + 60
			g.owner(grants.Withdraw, 5, "well")
		})},
	}
}

func giftFalsehoods() []falseRound {
	given1 := func(x func(g *giving) grants.Gift) func(g *giving) []byte {
		return after(given, func(g *giving) { g.send(x(g), g.keyOf(member(8))) })
	}
	return []falseRound{
		{name: "a gift by a stranger", fails: []int{7}, says: "not_on_roll", make: after(given, func(g *giving) { g.send(g.gift(60, "mill", "100"), "stranger") })},
		{name: "a gift signed by another", fails: []int{7}, says: "signature: the gift of members/", make: after(given, func(g *giving) { g.send(g.gift(8, "mill", "100"), g.keyOf(member(9))) })},
		{name: "a gift of another amount than signed", fails: []int{7}, says: "signature: the gift of members/", make: after(given, func(g *giving) {
			g.edit = func(r *audit.Record) {
				r.Body = bytes.Replace(r.Body, []byte(`"amount":"100"`), []byte(`"amount":"900"`), 1)
			}
			g.give(8, "mill", "100")
		})},
		{name: "a gift to a rejected project", fails: []int{7}, says: "not_approved: project park is rejected", make: func(g *giving) []byte {
			g.through(applied, reviewed)
			g.review(grants.Reject, "otto", "park")
			return g.through(given, paid).packRound()
		}},
		{name: "a gift to one's own project", fails: []int{7}, says: "own_project", make: after(given, func(g *giving) { g.give(3, "mill", "100") })},
		{name: "a gift to nobody's project", fails: []int{7}, says: "unknown_project", make: given1(func(g *giving) grants.Gift { return g.gift(8, "fountain", "100") })},
		{name: "a gift for another round", fails: []int{7}, says: "wrong_round", make: given1(func(g *giving) grants.Gift {
			x := g.gift(8, "mill", "100")
			x.Round = audit.Hash{1}
			return x
		})},
		{name: "a gift of nothing", fails: []int{7}, says: "amount: amount 0", make: given1(func(g *giving) grants.Gift { return g.gift(8, "mill", "0") })},
		{name: "a gift recorded twice", fails: []int{7}, says: "repeated: ", make: after(given, func(g *giving) {
			x := g.gift(8, "mill", "100")
			g.send(x, g.keyOf(member(8)))
			g.send(x, g.keyOf(member(8)))
		})},
		{name: "a gift before its window", fails: []int{7}, says: "closed_window: a gift at", make: after(reviewed, func(g *giving) { g.give(8, "mill", "100") })},
		{name: "a gift after the close", fails: []int{7}, says: "closed_window: a gift at", make: after(closed, func(g *giving) { g.give(8, "mill", "100") })},
		{name: "a payment that no connector of the round reports", fails: []int{7}, says: "connector: connector mint", make: after(given, func(g *giving) { g.pay(8, "mill", "100", "transfer 2", "mint") })},
		{name: "a payment reported twice", fails: []int{7}, says: "repeated: ", make: after(given, func(g *giving) { g.pay(8, "mill", "100", "transfer 1", "bank") })},
		{name: "a gift refunded twice", fails: []int{7}, says: "refund: gift.refund: record 19 was refunded", make: after(given, func(g *giving) { g.refund(19) })},
		{name: "a refund of a record that is no gift", fails: []int{7}, says: "record 3 is no gift", make: after(given, func(g *giving) { g.refund(3) })},
		{name: "a gift when the gifts could be read", fails: []int{7}, sealed: true, says: "the log had seen the round that opens the gifts", make: after(given, func(g *giving) {
			g.now = g.terms.GiftsEnd + 60
			g.give(8, "mill", "100")
		})},
		{name: "a gift that everybody can read", fails: []int{7}, sealed: true, says: "gifts of donors to this round are sealed", make: given1(func(g *giving) grants.Gift {
			return grants.Gift{Amount: "100", Donor: member(8), Nonce: strings.Repeat("b", 32), Project: "mill", Round: g.id}
		})},
	}
}

func moneyFalsehoods() []falseRound {
	return []falseRound{
		{name: "a top-up after the close", fails: []int{8}, says: "stage: round.topup", make: after(closed, func(g *giving) { g.topup("5000") })},
		{name: "a pool that no number holds", fails: []int{8}, says: "amount: round.topup", make: after(reviewed, func(g *giving) { g.topup(strings.Repeat("9", 38)) })},
		{name: "weights whose file is left out", fails: []int{9}, says: "the file of weights, version 1, with SHA-256", make: repackedRound(func(g *giving, c *bundle.RoundContents) { without(c, g.t, `{"donor":`) })},
		{name: "a version of weights left out", fails: []int{9}, says: "weights: round.weights: version 3 after 1", make: after(given, func(g *giving) { g.weigh(3, map[int]int64{5: 1}) })},
		{name: "a weight of a stranger", fails: []int{9}, says: "is not on the roll", make: after(given, func(g *giving) { g.weigh(2, map[int]int64{60: 1}) })},
		{name: "weights after the close", fails: []int{9}, says: "stage: round.weights", make: after(closed, func(g *giving) { g.weigh(2, map[int]int64{5: 1}) })},
		{name: "weights when the gifts could be read", fails: []int{9}, sealed: true, says: "the log had seen the round", make: after(given, func(g *giving) {
			g.now = g.terms.GiftsEnd + 60
			g.weigh(2, map[int]int64{5: 1})
		})},
		{name: "paid above the version", fails: []int{12}, says: "payout: payout.done of 90000", make: after(paid, func(g *giving) { g.payout("mill", "90000", "invoice 10") })},
		{name: "paid to another account", fails: []int{12}, says: "payout.done to", make: after(paid, func(g *giving) {
			g.add(audit.KindPayoutDone, audit.PayoutDone{Payout: grants.Payout{Account: "mine", Amount: units("1"), At: g.now, Project: "mill", Reference: "x", Version: 2}})
		})},
		{name: "paid by a version that was corrected", fails: []int{12}, says: "by version 1: the newest is 2", make: after(paid, func(g *giving) {
			g.add(audit.KindPayoutDone, audit.PayoutDone{Payout: grants.Payout{Account: "account of mill", Amount: units("1"), At: g.now, Project: "mill", Reference: "x", Version: 1}})
		})},
		{name: "an invoice paid twice", fails: []int{12}, says: "repeated: payout.done", make: after(paid, func(g *giving) { g.payout("mill", "10", "invoice 7") })},
		{name: "paid to nobody's project", fails: []int{12}, says: "gives fountain nothing", make: after(paid, func(g *giving) { g.payout("fountain", "10", "invoice 7") })},
		{name: "a correction below what was paid", fails: []int{12}, says: "payout: round.result: mill gets 0", make: after(paid, func(g *giving) {
			g.result("the mill is a front", []grants.Correction{{Project: "mill", What: grants.Struck}}, nil)
		})},
	}
}

func resultFalsehoods() []falseRound {
	counted := func(change func(*grants.ResultFile, *grants.ResultRecord)) func(g *giving) []byte {
		return instead(counted1, func(g *giving) { g.result("", nil, change) })
	}
	return []falseRound{
		{name: "an amount moved from one project to another", fails: []int{10}, says: "project mill: the result says", make: counted(func(f *grants.ResultFile, _ *grants.ResultRecord) {
			f.Projects[0].Amount, f.Projects[1].Amount = f.Projects[1].Amount, f.Projects[0].Amount
		})},
		{name: "a project left out of the result", fails: []int{10}, says: "the result has 2 projects, the records give 3", make: counted(func(f *grants.ResultFile, _ *grants.ResultRecord) { f.Projects = f.Projects[1:] })},
		{name: "more left over than there is", fails: []int{10}, says: "not the one that gifts, weights and pool give", make: counted(func(f *grants.ResultFile, _ *grants.ResultRecord) { f.Unallocated = units("5") })},
		{name: "another digest in the record", fails: []int{10}, says: "result: round.result: digest", make: counted(func(_ *grants.ResultFile, r *grants.ResultRecord) { r.Digest = audit.Hash{1} })},
		{name: "a result of another round", fails: []int{10}, says: "wrong_round", make: counted(func(_ *grants.ResultFile, r *grants.ResultRecord) { r.Hash = audit.Hash{1} })},
		{name: "a file of another size", fails: []int{10}, says: "the record says 1", make: counted(func(_ *grants.ResultFile, r *grants.ResultRecord) { r.File.Bytes = 1 })},
		{name: "a corrected version that is false", fails: []int{10}, says: "project mill", make: instead(corrected, func(g *giving) {
			g.result("twice", []grants.Correction{{Donor: g.pseudonym(5), What: grants.Struck}}, func(f *grants.ResultFile, _ *grants.ResultRecord) { f.Projects[0].Donors++ })
		})},
		{name: "a result before the close", fails: []int{10}, says: "not closed", make: func(g *giving) []byte {
			open := g.through(applied, given).again(g.t)
			open.closeRound(nil)
			v, err := open.replica().Compute(nil, nil)
			if err != nil {
				g.t.Fatal(err)
			}
			g.files = append(g.files, v.Bytes)
			g.add(audit.KindRoundResult, audit.RoundResult{ResultRecord: v.Record(g.now, "")})
			return g.packRound()
		}},
		{name: "no close", fails: []int{10}, says: "neither closed nor void", make: instead(closed, func(*giving) {})},
		{name: "no result", fails: []int{10}, says: "has no result in this bundle", make: instead(counted1, func(*giving) {})},
		{name: "a result whose file is left out", fails: []int{10}, says: "the file of version 1 with SHA-256", make: repackedRound(func(g *giving, c *bundle.RoundContents) { without(c, g.t, `{"changes":[],`) })},
		{name: "a close that counts otherwise", fails: []int{10}, says: "round.close counts 6 gifts, 7 were", make: instead(closed, func(g *giving) {
			g.closeRound(func(c *grants.Close) { c.Gifts-- })
			g.through(counted1, counted1)
		})},
		{name: "a close before the end of gifts", fails: []int{10}, says: "time: round.close at", make: instead(closed, func(g *giving) {
			g.add(audit.KindRoundClose, audit.RoundClose{Close: grants.Close{At: g.now, Gifts: 7}})
			g.through(counted1, counted1)
		})},
		{name: "a void after the result", fails: []int{10}, says: "stage: round.void", make: after(paid, (*giving).void)},
		{name: "a record that no round has", fails: []int{10}, says: "does not belong on a round's subject", make: after(given, func(g *giving) {
			g.forge(audit.KindBallotCast, roundSubject, struct{}{})
		})},
		{name: "the beacon of an open round", fails: []int{10}, says: "of no result", make: repackedRound(func(g *giving, c *bundle.RoundContents) {
			c.Beacons = append(c.Beacons, g.beaconFile())
		})},
		{name: "no beacon", fails: []int{10}, sealed: true, says: "is missing, or not the beacon", make: repackedRound(func(_ *giving, c *bundle.RoundContents) { c.Beacons = nil })},
		{name: "the beacon of another round", fails: []int{10}, sealed: true, says: "the result's beacon is round", make: counted(func(_ *grants.ResultFile, r *grants.ResultRecord) {
			b := *r.Beacon
			b.Round--
			r.Beacon = &b
		})},
		{name: "a sealed gift that is kept quiet", fails: []int{10}, sealed: true, says: `invalid: the result says {"is":[]}`, make: func(g *giving) []byte {
			g.through(applied, given)
			g.give(6, "fountain", "100")
			g.through(closed, closed)
			g.result("", nil, func(f *grants.ResultFile, _ *grants.ResultRecord) { f.Invalid = nil })
			return g.packRound()
		}},
	}
}

func correctionFalsehoods() []falseRound {
	recorded := func(rec func(g *giving, r *grants.ResultRecord)) func(g *giving) []byte {
		return instead(corrected, func(g *giving) {
			g.result("twice", []grants.Correction{{Donor: g.pseudonym(5), What: grants.Struck}}, func(_ *grants.ResultFile, r *grants.ResultRecord) { rec(g, r) })
		})
	}
	return []falseRound{
		{name: "a correction without a reason", fails: []int{11}, says: "changes: ", make: func(g *giving) []byte {
			g.through(applied, counted1)
			body := g.lastBody()
			g.forge(audit.KindRoundResult, roundSubject, canonicalRaw(bytes.Replace(body, []byte(`"version":1`), []byte(`"version":2`), 1)))
			return g.packRound()
		}},
		{name: "a correction of somebody who gave nothing", fails: []int{11}, says: "changes: changes: no gift of donor", make: recorded(func(g *giving, r *grants.ResultRecord) {
			r.Changes = []grants.Correction{{Donor: g.pseudonym(2), What: grants.Struck}}
		})},
		{name: "a correction that changes nothing", fails: []int{11}, says: "version 2 would change nothing", make: recorded(func(_ *giving, r *grants.ResultRecord) { r.Changes = []grants.Correction{} })},
		{name: "a correction other than the one listed", fails: []int{10}, says: "changes: the result says", make: recorded(func(g *giving, r *grants.ResultRecord) {
			r.Changes = []grants.Correction{{Donor: g.pseudonym(4), What: grants.Struck}}
		})},
	}
}

func openingFalsehoods() []falseRound {
	// opened is a round opened with a false manifest or roll, and else held honestly.
	opened := func(change func(g *giving)) func(g *giving) []byte {
		return func(g *giving) []byte {
			g.dropRound()
			g.openRound(g.asked(poll.ModeOpen), change)
			return g.through(applied, paid).packRound()
		}
	}
	return []falseRound{
		{name: "a donor too many on the roll", fails: []int{13}, says: "the roll has 11 donors in the manifest, the records give 10", make: opened(func(g *giving) {
			line, err := poll.WriteRoll([]poll.Line{{Key: keyPointer("nobody"), Voter: "members/" + strings.Repeat("f", 64)}})
			if err != nil {
				g.t.Fatal(err)
			}
			g.roll = append(bytes.Clone(g.roll), line...)
			g.terms.Roll.Electors, g.terms.Roll.File = 11, poll.FileOf(g.roll)
		})},
		{name: "another key on the roll", fails: []int{13}, says: `the manifest says {"roll":`, make: opened(func(g *giving) {
			own, other := publicKey(g.keyName(memberID(0))), publicKey("nobody") // who gives nothing
			g.roll = bytes.Replace(g.roll, []byte(own.Public.String()), []byte(other.Public.String()), 1)
			g.terms.Roll.File = poll.FileOf(g.roll)
		})},
		{name: "another charter", fails: []int{13}, says: `the manifest says {"charter":`, make: opened(func(g *giving) { g.terms.Charter = audit.Hash{1} })},
		{name: "a later beacon", fails: []int{13}, says: `the manifest says {"beacon":`, make: func(g *giving) []byte {
			g.dropRound()
			g.openRound(g.asked(poll.ModeSealed), func(g *giving) { g.terms.Beacon.Round++ })
			return g.through(applied, paid).packRound()
		}},
		{name: "opened before what it counts", fails: []int{13}, says: "opens at", make: opened(func(g *giving) { g.terms.Opens -= 64 })},
		{name: "a member's move left out of account", fails: []int{13}, says: "record 11 of community/garden/members was there before the opening, and was left out", make: func(g *giving) []byte {
			g = newGiving(garden(g.t))
			a := g.asked(poll.ModeOpen)
			state := g.state()
			g.move(identity.ActionAdmit, memberID(40))
			g.now += 10
			built, roll, err := grants.Build(state, a)
			if err != nil {
				g.t.Fatal(err)
			}
			g.openRound(a, func(g *giving) { g.terms, g.roll = built, roll })
			return g.through(applied, paid).packRound()
		}},
		{name: "a count of another record", fails: []int{13}, says: "counted: record 2", make: opened(func(g *giving) { g.terms.Counted[0].Last = audit.Hash{1} })},
		{name: "a rehearsal that is not said", fails: []int{13}, says: "bundle.json says rehearsal false", make: repackedRound(func(_ *giving, c *bundle.RoundContents) { c.Rehearsal = false })},
		{name: "the roll left out", fails: []int{13}, says: "the roll with SHA-256", make: repackedRound(func(g *giving, c *bundle.RoundContents) { without(c, g.t, `{"key":`) })},
		{name: "a round opened twice", fails: []int{13}, says: "opened once, and first", make: func(g *giving) []byte {
			g.forge(audit.KindRoundOpen, roundSubject, canonicalRaw(g.records(roundSubject)[0].Body))
			return g.packRound()
		}},
		{name: "a round that begins with its close", fails: []int{13}, says: "not its opening", make: func(g *giving) []byte {
			g.dropRound()
			g.add(audit.KindRoundClose, audit.RoundClose{Close: grants.Close{At: g.now}})
			return g.packRound()
		}},
		{name: "the manifest of another round", fails: []int{13}, says: "the manifest is for community/garden/round/autumn", make: func(g *giving) []byte {
			g.dropRound()
			g.openRound(g.asked(poll.ModeOpen), func(g *giving) { g.terms.Round = communeSubject + "/round/autumn" })
			return g.packRound()
		}},
	}
}

func falseRounds() []falseRound {
	return slices.Concat(roundFileFalsehoods(), projectFalsehoods(), giftFalsehoods(), moneyFalsehoods(), resultFalsehoods(), correctionFalsehoods(), openingFalsehoods())
}

func TestEveryFalseRoundFailsItsOwnCheck(t *testing.T) {
	list := falseRounds()
	openBase, sealedBase := spring(t, poll.ModeOpen).withSteps(t), spring(t, poll.ModeSealed).withSteps(t)
	missing := map[int]bool{1: true, 2: true, 3: true, 4: true, 5: true, 6: true, 7: true, 8: true, 9: true, 10: true, 11: true, 12: true, 13: true}
	for _, f := range list {
		for _, no := range f.fails {
			delete(missing, no)
		}
		t.Run(f.name, func(t *testing.T) {
			t.Parallel()
			base := openBase
			if f.sealed {
				base = sealedBase
			}
			r := checkBundle(t, f.make(base.again(t)), brought(t))
			if got := failed(r); !slices.Equal(got, f.fails) {
				t.Fatalf("failed %v, want %v:\n%s", got, f.fails, text(t, r))
			}
			if said := r.Checks[f.fails[len(f.fails)-1]-1].Evidence; !strings.Contains(said, f.says) {
				t.Errorf("%q is not in %q", f.says, said)
			}
		})
	}
	if len(missing) > 0 {
		t.Errorf("no falsehood for the checks %v", missing)
	}
}
