package main

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
	return append(all,
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
	)
}
