package main

import (
	"time"

	"kleroterion/funding"
)

// groups lists what is measured, in the order of the table.
func (b *bench) groups() []group {
	s := b.sizes
	all := []group{
		{"beacon.verify", verifyRow},
		{"beacon.batch", batchRow},
		{"draw." + short(s.people), drawRows(s.people, s.some())},
	}
	if s.many > 0 {
		all = append(all, group{"draw." + short(s.many), drawRows(s.many, min(3, s.some()))})
	}
	all = append(all,
		group{"register.read." + short(s.people), readRows},
		group{"import." + short(s.people), importRows},
		group{"import.postgres." + short(s.people), postgresRows},
		group{"bundle.verify." + short(s.people), bundleRows},
		group{"log", logRows},
		group{"http", httpRows},
		group{"polls.one", oneRows},
		group{"polls.open." + short(s.sealed), openRows},
		group{"polls.tally." + short(s.ballots), tallyRows},
		group{"polls.intake.sqlite", intakeRows},
		group{"polls.intake.postgres", intakePostgresRows},
		group{"funding.qf." + short(s.gifts), matchRows(s.gifts, funding.Quadratic, promised(s.gifts, 100*time.Millisecond))},
		group{"funding.qf." + short(10*s.gifts), matchRows(10*s.gifts, funding.Quadratic, promised(s.gifts, 600*time.Millisecond))},
		group{"funding.pairwise." + short(s.gifts), matchRows(s.gifts, funding.Pairwise, promised(s.gifts, 5*time.Second))},
		group{"funding.cocm." + short(s.gifts), matchRows(s.gifts, funding.Cluster, promised(s.gifts, 3*time.Second))},
		group{"funding.estimate", estimateRows},
		group{"funding.intake.sqlite", giftIntakeRows},
		group{"funding.intake.postgres", giftIntakePostgresRows},
		group{"funding.finalise." + short(10*s.gifts), finaliseRows(10 * s.gifts)},
	)
	for _, l := range lotteries(s.lotteries) {
		all = append(all, group{"panels." + l.name, l.rows})
	}
	return all
}

// promised is a promise about 100,000 gifts, or about ten times as many: none elsewhere.
func promised(gifts int, bound time.Duration) time.Duration {
	if gifts != 100_000 {
		return 0
	}
	return bound
}
