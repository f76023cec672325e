package storetest

import (
	"errors"
	"sync/atomic"
	"testing"

	"kleroterion/service"
)

func sampleJury(subject, draw string) service.Jury {
	return service.Jury{Subject: subject, DrawID: draw, City: "bonn", Register: "r1", CreatedAt: 11}
}

func sampleCode(seat int64, purpose service.CodePurpose, secret string) service.Code {
	return service.Code{
		Subject: "jury/seats", Seat: seat, Purpose: purpose, Hash: sum(secret), Person: "person-" + secret,
		Deadline: 11, PrintedAt: 12, UsedAt: 0,
	}
}

func (s suite) juries(t *testing.T) {
	s.run(t, []check{
		{"a jury is read back as it was added, by subject and by draw", func(t *testing.T, s service.Store) {
			addCity(t, s, "bonn")
			want := sampleJury("jury/seats", "d1")
			addJury(t, s, want)
			same(t, "by subject", get(t, s, func(tx service.Tx) (service.Jury, error) { return tx.Jury("jury/seats") }), want)
			same(t, "by draw", get(t, s, func(tx service.Tx) (service.Jury, error) { return tx.JuryOf("d1") }), want)
			missing(t, s, func(tx service.Tx) (service.Jury, error) { return tx.Jury("d1") })
			missing(t, s, func(tx service.Tx) (service.Jury, error) { return tx.JuryOf("jury/seats") })
		}},
		{"a taken subject or draw is refused", func(t *testing.T, s service.Store) {
			addCity(t, s, "bonn")
			addJury(t, s, sampleJury("jury/seats", "d1"))
			for _, j := range []service.Jury{sampleJury("jury/seats", "d2"), sampleJury("other/seats", "d1")} {
				refused(t, s, service.ErrExists, func(tx service.Tx) error { return tx.AddJury(j) })
			}
		}},
		{"a code is read back as it was put", func(t *testing.T, s service.Store) {
			want := sampleCode(3, service.CodeKey, "a")
			want.UsedAt = 13
			putCode(t, s, want)
			same(t, "code", oneCode(t, s, "a"), want)
			missing(t, s, func(tx service.Tx) (service.Code, error) { return tx.CodeByHash(sum("b")) })
		}},
		{"a new code voids the one before, and no other", replaceCode},
		{"the digest of another seat's code spoils the transaction", func(t *testing.T, s service.Store) {
			putCode(t, s, sampleCode(1, service.CodeAnswer, "a"))
			spoils(t, s, service.ErrExists, func(tx service.Tx) error { return tx.PutCode(sampleCode(2, service.CodeAnswer, "a")) })
			same(t, "code", oneCode(t, s, "a"), sampleCode(1, service.CodeAnswer, "a"))
		}},
		{"a code is used once", func(t *testing.T, s service.Store) {
			putCode(t, s, sampleCode(1, service.CodeAnswer, "a"), sampleCode(2, service.CodeAnswer, "b"))
			write(t, s, func(tx service.Tx) error { return tx.UseCode(sum("a"), 21) })
			refused(t, s, service.ErrStale, func(tx service.Tx) error { return tx.UseCode(sum("a"), 22) })
			refused(t, s, service.ErrStale, func(tx service.Tx) error { return tx.UseCode(sum("c"), 22) })
			same(t, "time", oneCode(t, s, "a").UsedAt, int64(21))
			same(t, "time of another", oneCode(t, s, "b").UsedAt, int64(0))
			if err := s.Write(t.Context(), func(tx service.Tx) error { return tx.UseCode(sum("b"), 0) }); err == nil {
				t.Error("a code was used at the time that means unused")
			}
		}},
		{"a code that 8 use at once is used by one", raceCode},
		{"codes are dropped behind their deadline", func(t *testing.T, s service.Store) {
			old, due := sampleCode(1, service.CodeAnswer, "a"), sampleCode(2, service.CodeAnswer, "b")
			old.Deadline = 10
			putCode(t, s, old, due)
			write(t, s, func(tx service.Tx) error { return tx.DropCodesBefore(11) })
			missing(t, s, func(tx service.Tx) (service.Code, error) { return tx.CodeByHash(sum("a")) })
			same(t, "code", oneCode(t, s, "b"), due)
		}},
	})
}

func replaceCode(t *testing.T, s service.Store) {
	answer, key, neighbour := sampleCode(1, service.CodeAnswer, "a"), sampleCode(1, service.CodeKey, "k"), sampleCode(2, service.CodeAnswer, "n")
	elsewhere := sampleCode(1, service.CodeAnswer, "e")
	elsewhere.Subject = "other/seats"
	answer.UsedAt = 13
	putCode(t, s, answer, key, neighbour, elsewhere)
	renewed := sampleCode(1, service.CodeAnswer, "a2")
	renewed.Deadline, renewed.PrintedAt = 31, 32
	putCode(t, s, renewed)
	missing(t, s, func(tx service.Tx) (service.Code, error) { return tx.CodeByHash(sum("a")) })
	for secret, want := range map[string]service.Code{"a2": renewed, "k": key, "n": neighbour, "e": elsewhere} {
		same(t, secret, oneCode(t, s, secret), want)
	}
}

func raceCode(t *testing.T, s service.Store) {
	putCode(t, s, sampleCode(1, service.CodeAnswer, "a"))
	var used atomic.Int64
	together(8, func(worker int) {
		err := s.Write(t.Context(), func(tx service.Tx) error { return tx.UseCode(sum("a"), 21) })
		switch {
		case err == nil:
			used.Add(1)
		case !errors.Is(err, service.ErrStale):
			t.Errorf("worker %d: %v", worker, err)
		}
	})
	same(t, "uses", used.Load(), int64(1))
}

func addJury(t testing.TB, s service.Store, j service.Jury) {
	t.Helper()
	write(t, s, func(tx service.Tx) error { return tx.AddJury(j) })
}

func putCode(t testing.TB, s service.Store, codes ...service.Code) {
	t.Helper()
	write(t, s, func(tx service.Tx) error {
		for _, c := range codes {
			if err := tx.PutCode(c); err != nil {
				return err
			}
		}
		return nil
	})
}

func oneCode(t testing.TB, s service.Store, secret string) service.Code {
	t.Helper()
	return get(t, s, func(tx service.Tx) (service.Code, error) { return tx.CodeByHash(sum(secret)) })
}
