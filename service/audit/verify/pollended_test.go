package verify

import (
	"bytes"

	"kleroterion/randomness/beacon"
	"kleroterion/service/audit"
	"kleroterion/service/audit/bundle"
	"kleroterion/service/charter"
	"kleroterion/service/poll"
)

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
			for range poll.MaxCasts + 1 {
				c.cast(b, c.keyOf(member(20)))
			}
		})},
		{"a choice that everybody can read", []int{9}, "the poll is sealed", voted(func(c *commune) {
			c.cast(poll.Ballot{Poll: c.hash, Choice: []byte(`{"vote":"no"}`), Voter: member(20)}, c.keyOf(member(20)))
		})},
		{"a sealed choice of another length", []int{9}, "bytes, want", voted(func(c *commune) {
			c.cast(poll.Ballot{Poll: c.hash, Sealed: c.sealed[member(10)][4:], Voter: member(20)}, c.keyOf(member(20)))
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
	}
}

func closeMutants() []mutant {
	return []mutant{
		{"a close before its time", []int{12}, "before its time", ended(func(c *commune) {
			c.log(audit.KindPollClose, pollSubject, audit.PollClose{Close: poll.Close{At: c.now, Ballots: c.ballots(), Hash: c.hash}})
			c.count(nil)
		})},
		{"a close that counts otherwise", []int{12}, "the close counts 19 ballots", ended(func(c *commune) {
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
