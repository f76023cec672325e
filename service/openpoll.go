package service

import (
	"context"
	"errors"
	"fmt"
	"regexp"

	"kleroterion/randomness/beacon"
	"kleroterion/randomness/canonical"
	"kleroterion/randomness/sortition"
	"kleroterion/service/audit"
	"kleroterion/service/charter"
	"kleroterion/service/poll"
	"kleroterion/service/seating"
	"kleroterion/service/voting"
)

// NewPoll is a request for a poll. Chambers, shares, rolls, quorums and the closing round follow from
// the community's charter and records: nobody chooses them.
type NewPoll struct {
	Community string
	poll.Question
	DrawID  string // whose seats are the jury; "" without one
	Charter []byte // of an amendment: the proposed charter, in any layout
}

var pollName = regexp.MustCompile(`^[a-z0-9][a-z0-9._-]{0,62}$`)

// OpenPoll freezes rolls and panel and opens a poll. Its manifest is in the log and published when
// the call returns.
func (s *Service) OpenPoll(ctx context.Context, a Actor, in NewPoll) (Poll, error) {
	if err := a.authoriseIn(runCommunity, in.Community); err != nil {
		return Poll{}, err
	}
	if p, done, err := replay[Poll](ctx, s, a); done || err != nil {
		return p, s.settled(ctx, err)
	}
	if !pollName.MatchString(in.Name) {
		return Poll{}, Refuse(KindInvalid, "poll_form", "name %.40q is not 1 to 63 of a-z 0-9 . _ - starting with a letter or digit", in.Name)
	}
	if err := s.fresh(ctx, in.Community); err != nil {
		return Poll{}, err
	}
	id, err := s.newID()
	if err != nil {
		return Poll{}, err
	}
	p, err := once(ctx, s, a, func(tx Tx) (Poll, error) { return s.openPoll(tx, id, in) })
	return p, s.settled(ctx, err)
}

// fresh looks at the clock and keeps a recent round, so that the opening record has seen one. It also does
// what takes long and can be done before the transaction.
func (s *Service) fresh(ctx context.Context, slug string) error {
	var chain *beacon.Chain
	err := s.Store.Read(ctx, func(tx Tx) error {
		row, _, err := inForce(tx, slug, s.now())
		if err != nil {
			return err
		}
		c, named, err := s.parseCharter(row.Charter)
		if err != nil {
			return err
		}
		chain = named
		last, err := lastMove(tx, slug)
		if err != nil {
			return err
		}
		_, _, err = s.tier(tx, c, max(s.now(), last)) // a long replay here keeps nobody from writing
		return err
	})
	if err != nil {
		return err
	}
	_, err = s.recent(ctx, chain)
	return err
}

// openPoll writes poll, electors, rolls, job and record in one transaction: a poll without its roll
// never exists.
func (s *Service) openPoll(tx Tx, id string, in NewPoll) (Poll, error) {
	if err := s.openNow(tx, &in); err != nil {
		return Poll{}, err
	}
	st, err := s.state(tx, in)
	if err != nil {
		return Poll{}, err
	}
	if err := s.amends(tx, &in); err != nil {
		return Poll{}, err
	}
	m, files, err := poll.Build(st, in.Question)
	if err != nil {
		return Poll{}, pollRefusal(err)
	}
	text, err := m.Canonical()
	if err != nil {
		return Poll{}, pollRefusal(err)
	}
	row, err := pollRow(id, m, text, st.Chain)
	if err != nil {
		return Poll{}, err
	}
	if err := tx.AddPoll(row); errors.Is(err, ErrExists) {
		return Poll{}, Refuse(KindConflict, "poll_exists", "there was a poll %s: a question is put once under its name", m.Poll)
	} else if err != nil {
		return Poll{}, err
	}
	if err := s.enrol(tx, id, files); err != nil {
		return Poll{}, err
	}
	job := Job{ID: "poll-" + id, Kind: JobPoll, Target: id, DedupeKey: id, State: JobPending, Step: "open", RunAt: m.Closes, CreatedAt: s.now()}
	if err := tx.AddJob(job); err != nil {
		return Poll{}, err
	}
	_, err = s.append(tx, audit.KindPollOpen, m.Poll, audit.PollOpen{Open: poll.Open{Hash: row.Hash, Manifest: text}})
	return row, err
}

// openNow sets when the poll opens: not before the charter and the members that it counts, so that who
// replays them finds the same.
func (s *Service) openNow(tx Tx, in *NewPoll) error {
	if in.Opens != 0 && (in.Opens > s.now() || s.now()-in.Opens > 60) {
		return Refuse(KindInvalid, poll.RuleTimes, "opens %d: a poll opens when it is asked for", in.Opens).WithHint("leave opens out")
	}
	last, err := lastMove(tx, in.Community)
	if err != nil {
		return err
	}
	in.Opens, err = s.moment(tx, last)
	return err
}

func pollRow(id string, m *poll.Manifest, text []byte, chain *beacon.Chain) (Poll, error) {
	due, err := chain.TimeOf(m.Beacon.Round)
	return Poll{
		ID: id, Community: m.Community, Subject: m.Poll, State: PollOpen, Manifest: text, Hash: poll.HashBytes(text), Chain: chain.Hash,
		Round: m.Beacon.Round, Opens: m.Opens, Closes: m.Closes, DueAt: due, Rehearsal: m.Rehearsal, Version: 1,
	}, err
}

// enrol stores the rolls, as public files and as rows.
func (s *Service) enrol(tx Tx, id string, files [][]byte) error {
	for _, file := range files {
		if _, err := tx.AddBlob(file); err != nil {
			return err
		}
		list, err := poll.Electors(file)
		if err != nil {
			return err
		}
		rows := make([]Elector, len(list))
		for i, l := range list {
			rows[i] = Elector{Poll: id, Voter: l.Voter}
			if l.Key == nil {
				continue
			}
			if rows[i].Key, err = canonical.Marshal(l.Key); err != nil {
				return fmt.Errorf("roll: %w", err)
			}
		}
		if err := tx.AddElectors(rows); err != nil {
			return err
		}
	}
	return nil
}

// state gathers from rows and log what a poll follows from.
func (s *Service) state(tx Tx, in NewPoll) (st poll.State, err error) {
	row, _, err := inForce(tx, in.Community, in.Opens)
	if err != nil {
		return st, err
	}
	if st.Charter, st.Chain, err = s.parseCharter(row.Charter); err != nil {
		return st, err
	}
	if err := takesBallots(st.Chain); err != nil {
		return st, err
	}
	st.Hash = row.Hash
	if st.Tier, _, err = s.tier(tx, st.Charter, in.Opens); err != nil {
		return st, err
	}
	if st.Members, st.Founders, err = s.electors(tx, st.Charter); err != nil {
		return st, err
	}
	subjects := []string{communitySubject(in.Community), membersSubject(in.Community)}
	if _, jury := st.Charter.Chamber(charter.ChamberJury); jury && in.DrawID != "" {
		if err := s.seatJury(tx, &st, in.DrawID); err != nil {
			return st, err
		}
		subjects = append(subjects, st.Jury.Subject())
	}
	st.Counted, err = counted(tx, subjects)
	return st, err
}

func (s *Service) seatJury(tx Tx, st *poll.State, drawID string) error {
	j, d, err := s.seated(tx, drawID)
	if err != nil {
		return err
	}
	m, err := sortition.ParseManifest(d.Manifest)
	if err != nil {
		return err
	}
	if d.Rehearsal && st.Chain.Status != beacon.StatusDev {
		return Refuse(KindInvalid, poll.RuleJury, "the jury was drawn in a rehearsal, the community is not one")
	}
	// What is due by rule comes first: a term or an offer that has ended does not vote.
	if err := s.move(tx, drawID, j); err != nil {
		return err
	}
	st.Jury, st.Seats = j, seatsOf(m, j)
	return nil
}

// seatsOf are the seats that a draw was for: of method panels, those of the line.
func seatsOf(m *sortition.Manifest, j *seating.Jury) (n int64) {
	if m.Method == sortition.Panels {
		return int64(len(j.Seats()))
	}
	for _, stratum := range m.Strata {
		n += stratum.Seats
	}
	return n
}

func counted(tx Tx, subjects []string) (list []poll.Counted, err error) {
	for _, subject := range subjects {
		e, err := tx.LastEntry(subject)
		if errors.Is(err, ErrNotFound) {
			return nil, Refuse(KindConflict, "no_members", "%s has no record yet: nobody could vote", subject)
		}
		if err != nil {
			return nil, err
		}
		list = append(list, poll.Counted{Last: e.Leaf, Records: e.N, Subject: subject})
	}
	return list, nil
}

// amends checks a proposed charter against the one in force before anybody votes on it.
func (s *Service) amends(tx Tx, in *NewPoll) error {
	if (in.Class == poll.ClassAmendment) != (len(in.Charter) > 0) {
		return Refuse(KindInvalid, "poll_form", "a poll of class amendment comes with the proposed charter, and no other does")
	}
	if in.Class != poll.ClassAmendment {
		return nil
	}
	text, _, err := s.readCharter(in.Community, in.Charter)
	if err != nil {
		return err
	}
	if _, err := s.follows(tx, in.Community, text, in.Opens); err != nil {
		return err
	}
	if _, err := tx.AddBlob(text); err != nil {
		return err
	}
	file, hash := poll.FileOf(text), charter.HashBytes(text)
	in.Amends, in.Proposes, in.Method = &file, &hash, voting.YesNo
	return nil
}

// pollRefusal turns broken rules of poll.md and tally.md into the refusal that callers see.
func pollRefusal(err error) error {
	var p *poll.Refusal
	var v *voting.Refusal
	switch {
	case errors.As(err, &p):
		return Refuse(KindInvalid, p.Rule, "%s", p.Message)
	case errors.As(err, &v):
		return Refuse(KindInvalid, v.Rule, "%s", v.Message)
	}
	return err
}
