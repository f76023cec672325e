package verify

import (
	"bytes"
	"io"
	"slices"
	"strings"
	"testing"

	"kleroterion/randomness/beacon"
	"kleroterion/service/audit"
	"kleroterion/service/audit/bundle"
	"kleroterion/service/charter"
	"kleroterion/service/identity"
	"kleroterion/service/poll"
	"kleroterion/service/ratio"
	"kleroterion/service/seating"
)

// mutant is a poll that is false in one way. All else in it is as an honest service would have made it,
// signed by the log.
type mutant struct {
	name  string
	fails []int // the checks that fail by themselves
	says  string
	make  func(c *commune) []byte // from a community ready to be asked
}

// repacked is an honest poll whose bundle was changed.
func repacked(change func(c *commune, p *bundle.PollContents)) func(c *commune) []byte {
	return func(c *commune) []byte {
		c.openPoll(c.question(), nil)
		c.finishPoll()
		p := c.pollContents()
		change(c, &p)
		return packedPoll(c.t, p)
	}
}

// asked is a poll opened with a false manifest or roll, and else held honestly.
func asked(change func(c *commune)) func(c *commune) []byte {
	return func(c *commune) []byte {
		c.openPoll(c.question(), change)
		c.finishPoll()
		return c.packPoll()
	}
}

// before is an honest poll in a community to which something was done first.
func before(do func(c *commune)) func(c *commune) []byte {
	return func(c *commune) []byte {
		do(c)
		c.openPoll(c.question(), nil)
		c.finishPoll()
		return c.packPoll()
	}
}

// voted is an honest poll in which something was done among the ballots.
func voted(do func(c *commune)) func(c *commune) []byte {
	return func(c *commune) []byte {
		c.openPoll(c.question(), nil)
		c.everybody()
		do(c)
		c.closePoll(nil)
		c.count(nil)
		return c.packPoll()
	}
}

// falselyCounted is an honest poll with a false count.
func falselyCounted(change func(*poll.Transcript, *poll.Result)) func(c *commune) []byte {
	return func(c *commune) []byte {
		c.openPoll(c.question(), nil)
		c.everybody()
		c.closePoll(nil)
		c.count(change)
		return c.packPoll()
	}
}

// ended is an honest poll up to the end of voting.
func ended(do func(c *commune)) func(c *commune) []byte {
	return func(c *commune) []byte {
		c.openPoll(c.question(), nil)
		c.everybody()
		do(c)
		return c.packPoll()
	}
}

func content(t fataler, open func() (io.ReadCloser, error)) []byte {
	r, err := open()
	if err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

type fataler interface{ Fatal(...any) }

// rewrite changes the text of a thread, and its digest with it.
func (c *commune) rewrite(p *bundle.PollContents, i int, change func(lines [][]byte) [][]byte) {
	lines := bytes.SplitAfter(content(c.t, p.Threads[i].Open), []byte("\n"))
	p.Threads[i] = threadOf(p.Threads[i].Subject, bytes.Join(change(lines[:len(lines)-1]), nil), p.Threads[i].Proof)
}

func fileMutants() []mutant {
	return []mutant{
		{"a flipped byte in a thread", []int{1, 3}, "threads/0003.jsonl", func(c *commune) []byte {
			b := repacked(func(*commune, *bundle.PollContents) {})(c)
			b[bytes.LastIndex(b, []byte("ballot.cast"))] ^= 1
			return b
		}},
		{"a blob that nothing names", []int{1}, "named by no record", repacked(func(_ *commune, p *bundle.PollContents) {
			p.Blobs = append(p.Blobs, blobOf([]byte("unasked")))
		})},
		{"a foreign log", []int{2}, "not signed by a log of the policy", repacked(func(_ *commune, p *bundle.PollContents) {
			for i := range p.Threads {
				p.Threads[i].Proof = bytes.ReplaceAll(p.Threads[i].Proof, []byte(origin), []byte("log.elsewh/kleroterion"))
			}
		})},
		{"a proof under another checkpoint", []int{2}, "proof 1 stands under another", repacked(func(c *commune, p *bundle.PollContents) {
			c.beat(0)
			p.Threads[1] = c.thread(membersSubject, c.note())
		})},
		{"a ballot left out", []int{3}, "line 7: n is 8 after 6 records", repacked(func(c *commune, p *bundle.PollContents) {
			c.rewrite(p, 3, func(l [][]byte) [][]byte { return slices.Delete(l, 6, 7) })
		})},
		{"a last record left out", []int{3}, "not in the log", repacked(func(c *commune, p *bundle.PollContents) {
			c.rewrite(p, 1, func(l [][]byte) [][]byte { return l[:len(l)-1] })
		})},
		{"a last line without its end", []int{3}, errNoLF.Error(), repacked(func(c *commune, p *bundle.PollContents) {
			c.rewrite(p, 0, func(l [][]byte) [][]byte { l[1] = bytes.TrimSpace(l[1]); return l })
		})},
		{"a line longer than a record", []int{3}, errLongLine.Error(), repacked(func(c *commune, p *bundle.PollContents) {
			c.rewrite(p, 0, func(l [][]byte) [][]byte { return append(l, bytes.Repeat([]byte("x"), maxLine+1)) })
		})},
		{"a thread without records", []int{3}, "no record", repacked(func(c *commune, p *bundle.PollContents) {
			c.rewrite(p, 0, func([][]byte) [][]byte { return nil })
		})},
		{"two members' moves swapped", []int{3}, "n is", repacked(func(c *commune, p *bundle.PollContents) {
			c.rewrite(p, 1, func(l [][]byte) [][]byte { l[3], l[4] = l[4], l[3]; return l })
		})},
		{"seen goes back", []int{3}, "seen goes back", before(func(c *commune) {
			c.edit = func(r *audit.Record) { r.Seen = &audit.Seen{Chain: c.chain.Hash, Beacon: c.sign(3)} }
			c.move(identity.ActionLeave, memberID(20))
		})},
		{"a seen round that nobody signed", []int{3}, "threads/0001.jsonl, line 39: seen", before(func(c *commune) {
			c.edit = func(r *audit.Record) { r.Seen.Signature = c.sign(3).Signature }
			c.move(identity.ActionLeave, memberID(20))
		})},
		{"a round that was seen and is kept quiet", []int{3}, "seen is left out", before(func(c *commune) {
			c.edit = func(r *audit.Record) { r.Seen = nil }
			c.move(identity.ActionLeave, memberID(20))
		})},
		{"a time before a round that was seen", []int{3}, "but the log had seen a round", before(func(c *commune) {
			c.edit = func(r *audit.Record) { r.Seen = &audit.Seen{Chain: c.chain.Hash, Beacon: c.sign(5000)} }
			c.move(identity.ActionLeave, memberID(20))
		})},
	}
}

func communityMutants() []mutant {
	moved := func(mv func(c *commune) charter.Move) func(c *commune) []byte {
		return before(func(c *commune) { c.log(audit.KindMemberMove, membersSubject, audit.MemberMove{Move: mv(c)}) })
	}
	return []mutant{
		{"a charter that no poll adopted", []int{4}, "adopted by no poll", before(func(c *commune) { c.forceCharter(c.nextCharter(), nil) })},
		{"a charter that takes the jury's weight", []int{4}, "irrevocable", before(func(c *commune) {
			next := c.nextCharter()
			next.Chambers = slices.Clone(next.Chambers)
			next.Chambers[1].Share, next.Chambers[2].Share = ratio.New(13, 20), ratio.New(1, 10)
			c.forceCharter(next, &charter.PollRef{})
		})},
		{"a community added twice", []int{4}, "record 3 is a community.add", before(func(c *commune) {
			c.log(audit.KindCommunityAdd, communeSubject, audit.CommunityAdd{Name: "The garden", Slug: "garden"})
		})},
		{"a kind that nobody knows", []int{4}, "not understood", before(func(c *commune) { c.forge("charter.note", communeSubject, struct{}{}) })},
		{"an admission by one attester of two", []int{5}, "record 39, admit", moved(func(c *commune) charter.Move {
			mv := c.statement(identity.ActionAdmit, memberID(50))
			mv.Attestations = mv.Attestations[:1]
			return mv
		})},
		{"an admission by a stranger", []int{5}, "not an attester", moved(func(c *commune) charter.Move {
			mv := c.statement(identity.ActionAdmit, memberID(50))
			mv.Attestations[1].Attester = "dora"
			return mv
		})},
		{"a key changed by somebody else", []int{5}, "signature", moved(func(c *commune) charter.Move {
			mv := c.statement(identity.ActionRotate, memberID(0))
			mv.Signature.Signature[5] ^= 1
			return mv
		})},
		{"a member admitted twice", []int{5}, "member_state", moved(func(c *commune) charter.Move { return c.statement(identity.ActionAdmit, memberID(0)) })},
		{"a move of members that is none", []int{5}, "not understood", before(func(c *commune) { c.forge("member.note", membersSubject, struct{}{}) })},
	}
}

func (c *commune) forceCharter(ch *charter.Charter, by *charter.PollRef) {
	c.t.Helper()
	text, err := ch.Canonical()
	if err != nil {
		c.t.Fatal(err)
	}
	c.log(audit.KindCharterAdopt, communeSubject, audit.CharterAdopt{Adopt: charter.Adopt{At: c.now, Charter: text, Effective: c.now, Hash: charter.HashBytes(text), Poll: by}})
}

func juryMutants() []mutant {
	seated := func(mv func(c *commune) seating.Move) func(c *commune) []byte {
		return func(c *commune) []byte {
			c.openPoll(c.question(), nil)
			c.log(audit.KindSeatMove, seatsSubject, audit.SeatMove{Move: mv(c)})
			c.finishPoll()
			return c.packPoll()
		}
	}
	nested := func(change func(c *commune, d *bundle.Contents)) func(c *commune) []byte {
		return repacked(func(c *commune, p *bundle.PollContents) {
			d := c.drawContents(c.note())
			change(c, &d)
			p.Draws = []bundle.Draw{drawOf(packed(c.t, d))}
		})
	}
	return []mutant{
		{"no bundle of the draw", []int{6}, "is missing", repacked(func(_ *commune, p *bundle.PollContents) { p.Draws = nil })},
		{"a bundle of the draw that is none", []int{6}, "draws/city_example_jury_1.klero", repacked(func(_ *commune, p *bundle.PollContents) {
			p.Draws = []bundle.Draw{drawOf([]byte("no bundle"))}
		})},
		{"a draw from another register", []int{6}, "check 1 of the draw", nested(func(_ *commune, d *bundle.Contents) { swapDistrict(d) })},
		{"a draw without its city", []int{6}, "check 6 of the draw", nested(func(_ *commune, d *bundle.Contents) { d.Entries = d.Entries[1:] })},
		{"somebody seated out of order", []int{7}, "not the next offer", func(c *commune) []byte {
			c.openPoll(c.question(), nil)
			c.seat(c.answer(seating.Withdraw, 8))
			c.log(audit.KindSeatMove, seatsSubject, audit.SeatMove{Move: seating.Move{Act: seating.Invite, At: c.now, Seat: 8, Deadline: c.now + 100, ID: c.result.Strata[2].Alternates[2]}})
			c.finishPoll()
			return c.packPoll()
		}},
		{"an answer after the deadline", []int{7}, "too late", func(c *commune) []byte {
			c.openPoll(c.question(), nil)
			c.seat(c.answer(seating.Withdraw, 8))
			c.due()
			c.now += 101
			c.log(audit.KindSeatMove, seatsSubject, audit.SeatMove{Move: c.answer(seating.Accept, 8)})
			c.finishPoll()
			return c.packPoll()
		}},
		{"a key given by somebody else", []int{7}, "is held by", seated(func(c *commune) seating.Move {
			m := c.answer(seating.GiveKey, 9)
			key := publicKey("stranger")
			m.ID, m.Key = c.result.Strata[0].Seats[0], &key
			return m
		})},
		{"a term that begins twice", []int{7}, "record 31 is a seats.open", before(func(c *commune) {
			c.log(audit.KindSeatsOpen, seatsSubject, audit.SeatsOpen{Open: seating.Open{Answer: 100, At: c.now, Commit: c.result.Commit, Result: c.resultOf, Starts: c.now, Ends: c.now + 9000}})
		})},
	}
}

func openMutants() []mutant {
	return []mutant{
		{"a jury with half its share", []int{8}, "the share of the members is 4/5 in the manifest, the charter gives 7/10", asked(func(c *commune) {
			c.manifest.Rules.Chambers[1].Share, c.manifest.Rules.Chambers[2].Share = ratio.New(4, 5), ratio.New(1, 10)
		})},
		{"a member too many on the roll", []int{8}, "the roll of members has 29 electors in the manifest, the records give 28", asked(func(c *commune) {
			c.reroll(1, func(lines [][]byte) [][]byte {
				line, err := poll.WriteRoll([]poll.Line{{Key: keyPointer("nobody"), Voter: "members/" + strings.Repeat("f", 64)}})
				if err != nil {
					c.t.Fatal(err)
				}
				return append(lines, line)
			})
		})},
		{"another key on the roll", []int{8}, "the roll of members has SHA-256", asked(func(c *commune) {
			c.reroll(1, func(lines [][]byte) [][]byte {
				key := publicKey(c.keyName(memberID(6)))
				lines[slices.IndexFunc(lines, func(l []byte) bool { return bytes.Contains(l, []byte(key.Public.String())) })] = mustRoll(c, poll.Line{Key: keyPointer("nobody"), Voter: member(6)})
				return lines
			})
		})},
		{"a tier that is over", []int{8}, `{"tier":0}`, asked(func(c *commune) { c.manifest.Tier = 0 })},
		{"a quorum that is not the charter's", []int{8}, "chamber", asked(func(c *commune) {
			q := *c.manifest.Rules.Chambers[1].Quorum
			q.Min = ratio.New(1, 100)
			c.manifest.Rules.Chambers[1].Quorum = &q
		})},
		{"a threshold that is not the charter's", []int{8}, "threshold", asked(func(c *commune) { c.manifest.Rules.Threshold = ratio.New(1, 3) })},
		{"a recusal forgotten", []int{8}, "recused are the seats [] in the manifest, the records give [3]", asked(func(c *commune) { c.manifest.Jury.Recused = []int64{} })},
		{"a later round", []int{8}, "beacon", asked(func(c *commune) { c.manifest.Beacon.Round++ })},
		{"open for less than the charter's notice", []int{8}, "open for 59 s", asked(func(c *commune) {
			c.manifest.Closes = c.manifest.Opens + 59
			c.manifest.Beacon.Round -= 180
		})},
		{"opened before what it counts", []int{8}, "opens at", asked(func(c *commune) { c.manifest.Opens -= 3600 })},
		{"no jury, which the charter requires", []int{8}, "a poll cannot open without one", asked(func(c *commune) {
			m := c.manifest
			m.Rules.Chambers, m.Rolls, m.Counted, m.Jury = m.Rules.Chambers[:2], m.Rolls[:2], m.Counted[:2], nil
			m.Rules.Chambers[1].Share = ratio.New(9, 10)
			c.rolls, c.jury = c.rolls[:2], nil
		})},
		{"a move of members left out of account", []int{8}, "record 39 of community/garden/members was there before the opening, and was left out", func(c *commune) []byte {
			state := c.state()
			c.move(identity.ActionLeave, memberID(20))
			c.now += 10
			built, rolls, err := poll.Build(state, c.question())
			if err != nil {
				c.t.Fatal(err)
			}
			c.openPoll(c.question(), func(c *commune) { c.manifest, c.rolls = built, rolls })
			c.finishPoll()
			return c.packPoll()
		}},
		{"an opening older than what it counts", []int{8}, "had seen a round of", func(c *commune) []byte {
			c.edit = func(r *audit.Record) { r.Seen = &audit.Seen{Chain: c.chain.Hash, Beacon: c.sign(1001)} }
			c.openPoll(c.question(), nil)
			c.finishPoll()
			return c.packPoll()
		}},
		{"a count of another record", []int{8}, "counted: record 2", asked(func(c *commune) { c.manifest.Counted[0].Last = audit.Hash{1} })},
		{"a rehearsal that is not said", []int{8}, "bundle.json says rehearsal false", repacked(func(_ *commune, p *bundle.PollContents) { p.Rehearsal = false })},
		{"a roll left out", []int{8}, "the roll of jury with SHA-256", repacked(func(c *commune, p *bundle.PollContents) { p.Blobs = slices.Delete(p.Blobs, 2, 3) })},
		{"another charter than proposed", []int{8}, "the proposed charter has the hash", func(c *commune) []byte {
			text, err := c.nextCharter().Canonical()
			if err != nil {
				c.t.Fatal(err)
			}
			q, file, hash := c.question(), poll.FileOf(text), beacon.Hash{1}
			q.Class, q.Amends, q.Proposes = poll.ClassAmendment, &file, &hash
			c.openPoll(q, nil)
			blobs := append(c.rolls, text)
			c.finishPoll()
			c.rolls = append(blobs, c.rolls[len(c.rolls)-1])
			return c.packPoll()
		}},
		{"a manifest with another hash", []int{8}, "the manifest's is", func(c *commune) []byte {
			c.openPoll(c.question(), nil)
			body := c.records(pollSubject)[0].Body
			c.dropLast()
			c.forge(audit.KindPollOpen, pollSubject, canonicalRaw(bytes.Replace(body, []byte(c.hash.String()), []byte(strings.Repeat("0", 64)), 1)))
			c.rolls = nil
			return c.packPoll()
		}},
	}
}

func ballotMutants() []mutant {
	return []mutant{
		{"a ballot by a stranger", []int{9}, "is not on the roll", voted(func(c *commune) { c.cast(c.ballotBy(member(60), "no"), "stranger") })},
		{"a ballot by somebody who left", []int{9}, "is not on the roll", voted(func(c *commune) { c.vote(member(7), "no") })},
		{"a ballot signed with another's key", []int{9}, "the ballot of members/", voted(func(c *commune) { c.cast(c.ballotBy(member(20), "no"), c.keyOf(member(21))) })},
		{"a ballot of a seat without a key", []int{9}, "has no key", voted(func(c *commune) { c.cast(c.ballotBy("jury/9", "no"), "anybody") })},
		{"a ballot of a recused juror", []int{9}, "is not on the roll", voted(func(c *commune) { c.vote("jury/3", "no") })},
		{"a ballot for another poll", []int{9}, "this is", voted(func(c *commune) {
			b := c.ballotBy(member(20), "no")
			b.Poll = audit.Hash{1}
			c.cast(b, c.keyOf(member(20)))
		})},
		{"a 51st ballot of one voter", []int{9}, "at most 50", voted(func(c *commune) {
			b := c.ballotBy(member(20), "no")
			for range 50 {
				c.cast(b, c.keyOf(member(20)))
			}
		})},
		{"a choice that everybody can read", []int{9}, "the poll is sealed", voted(func(c *commune) {
			c.cast(poll.Ballot{Poll: c.hash, Choice: []byte(`{"vote":"no"}`), Voter: member(20)}, c.keyOf(member(20)))
		})},
		{"a sealed choice of another length", []int{9}, "bytes, want", voted(func(c *commune) {
			c.cast(poll.Ballot{Poll: c.hash, Sealed: c.sealed[member(20)][4:], Voter: member(20)}, c.keyOf(member(20)))
		})},
		{"a ballot recorded when the round was out", []int{9, 12}, "the log had seen the round", func(c *commune) []byte {
			c.openPoll(c.question(), nil)
			c.everybody()
			c.now = c.manifest.Closes + 60
			c.vote(member(20), "no")
			c.closePoll(nil)
			c.count(nil)
			return c.packPoll()
		}},
		{"a ballot after the close", []int{9}, "after the poll was closed", ended(func(c *commune) {
			c.closePoll(nil)
			c.vote(member(20), "no")
			c.count(nil)
		})},
	}
}

func endMutants() []mutant {
	return []mutant{
		{"the beacon of another round", []int{10}, "the result's beacon is round", falselyCounted(func(tr *poll.Transcript, r *poll.Result) { r.Beacon.Round-- })},
		{"a beacon that nobody signed", []int{10}, "beacon refused", falselyCounted(func(tr *poll.Transcript, r *poll.Result) {
			r.Beacon.Signature = bytes.Clone(r.Beacon.Signature)
			r.Beacon.Signature[40] ^= 1
		})},
		{"no beacon", []int{10}, "is missing", repacked(func(_ *commune, p *bundle.PollContents) { p.Beacons = nil })},
		{"a beacon too many", []int{10}, "of no result", repacked(func(c *commune, p *bundle.PollContents) {
			p.Beacons = append(p.Beacons, beacon.File{Chain: c.chain.Hash, Beacon: c.sign(7)})
		})},
		{"one vote changed in the transcript", []int{11}, "chamber members", falselyCounted(func(tr *poll.Transcript, r *poll.Result) { *tr.Count.Chambers[1].Yes++; *tr.Count.Chambers[1].No-- })},
		{"an invalid ballot left out of the transcript", []int{11}, "invalid ballots", falselyCounted(func(tr *poll.Transcript, r *poll.Result) { tr.Count.Invalid = tr.Count.Invalid[:1] })},
		{"no transcript", []int{11}, "the transcript with SHA-256", repacked(func(_ *commune, p *bundle.PollContents) { p.Blobs = p.Blobs[:3] })},
		{"the outcome flipped", []int{12}, "the record of the result says", falselyCounted(func(tr *poll.Transcript, r *poll.Result) {
			no := false
			r.Outcome.Passed, r.Outcome.Reason = &no, "threshold"
		})},
		{"a close before its time", []int{12}, "before its time", ended(func(c *commune) {
			c.log(audit.KindPollClose, pollSubject, audit.PollClose{Close: poll.Close{At: c.now, Ballots: c.ballots(), Hash: c.hash}})
			c.count(nil)
		})},
		{"a close that counts otherwise", []int{12}, "the close counts 31 ballots", ended(func(c *commune) {
			c.closePoll(func(b *poll.Close) { b.Ballots-- })
			c.count(nil)
		})},
		{"a close of another poll", []int{12}, "it names poll", ended(func(c *commune) {
			c.closePoll(func(b *poll.Close) { b.Hash = audit.Hash{1} })
			c.count(nil)
		})},
		{"a close when the round was out", []int{12}, "the log had seen the round", ended(func(c *commune) {
			c.now = c.manifest.Closes + 60
			c.closePoll(nil)
			c.count(nil)
		})},
		{"closed twice", []int{12}, "a poll.close after the poll was closed", ended(func(c *commune) { c.closePoll(nil); c.closePoll(nil); c.count(nil) })},
		{"no result", []int{12}, "has no result in this bundle", ended(func(c *commune) { c.closePoll(nil) })},
		{"no end", []int{12}, "neither closed nor void", ended(func(*commune) {})},
		{"a result without a close", []int{12}, "was not closed", ended(func(c *commune) { c.count(nil) })},
		{"two results", []int{12}, "after the poll.result", ended(func(c *commune) {
			c.closePoll(nil)
			c.count(nil)
			c.forge(audit.KindPollResult, pollSubject, canonicalRaw(c.records(pollSubject)[len(c.records(pollSubject))-1].Body))
		})},
		{"a late void", []int{12}, "VOIDED LATE", ended(func(c *commune) {
			c.closePoll(nil)
			c.now += 60
			c.voidPoll(true)
		})},
		{"a late void that does not say so", []int{12}, "VOIDED LATE", ended(func(c *commune) {
			c.now = c.manifest.Closes + 60
			c.voidPoll(false)
		})},
		{"a void after the close", []int{12}, "voided after it had closed", ended(func(c *commune) {
			c.closePoll(nil)
			c.voidPoll(false)
		})},
		{"a void after the result", []int{12}, "a poll.void after the poll.result", ended(func(c *commune) {
			c.closePoll(nil)
			c.count(nil)
			c.voidPoll(true)
		})},
		{"a charter adopted by a poll about a well", []int{12}, "not what it was about", func(c *commune) []byte {
			c.openPoll(c.question(), nil)
			c.finishPoll()
			c.adopt(c.nextCharter(), &charter.PollRef{Hash: c.hash, Record: c.prev[pollSubject]})
			return c.packPoll()
		}},
		{"a charter adopted though it did not pass", []int{12}, "did not pass", func(c *commune) []byte {
			next := c.nextCharter()
			c.amend(next)
			c.closePoll(nil)
			c.count(nil)
			c.adopt(next, &charter.PollRef{Hash: c.hash, Record: c.prev[pollSubject]})
			return c.packPoll()
		}},
	}
}

func mutants() []mutant {
	return slices.Concat(fileMutants(), communityMutants(), juryMutants(), openMutants(), ballotMutants(), endMutants())
}

func TestEveryFalsehoodFailsItsOwnCheck(t *testing.T) {
	list := mutants()
	missing := map[int]bool{1: true, 2: true, 3: true, 4: true, 5: true, 6: true, 7: true, 8: true, 9: true, 10: true, 11: true, 12: true}
	for _, m := range list {
		for _, no := range m.fails {
			delete(missing, no)
		}
		t.Run(m.name, func(t *testing.T) {
			t.Parallel()
			r := checkBundle(t, m.make(begun(t, nil)), brought(t))
			if got := failed(r); !slices.Equal(got, m.fails) {
				t.Fatalf("failed %v, want %v:\n%s", got, m.fails, text(t, r))
			}
			if said := r.Checks[m.fails[0]-1].Evidence + r.Checks[m.fails[len(m.fails)-1]-1].Evidence; !strings.Contains(said, m.says) {
				t.Errorf("%q is not in %q", m.says, said)
			}
		})
	}
	if len(missing) > 0 {
		t.Errorf("no falsehood for the checks %v", missing)
	}
}
