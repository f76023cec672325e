package verify

import (
	"bytes"
	"slices"
	"strings"

	"kleroterion/randomness/beacon"
	"kleroterion/service/audit"
	"kleroterion/service/audit/bundle"
	"kleroterion/service/identity"
	"kleroterion/service/poll"
	"kleroterion/service/ratio"
	"kleroterion/service/seating"
)

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
	}
}

func accountMutants() []mutant {
	return []mutant{
		{"opened before what it counts", []int{8}, "opens at", asked(func(c *commune) { c.manifest.Opens -= 64 })},
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
