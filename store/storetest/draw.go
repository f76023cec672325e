package storetest

import (
	"testing"

	"kleroterion/service"
)

// sampleDraw has a different value in each field.
func sampleDraw(id, city, subject string, seq int64) service.Draw {
	return service.Draw{
		ID: id, City: city, Subject: subject, Seq: seq, State: service.DrawDrawn, RegisterID: "r1", LotteryID: "l1",
		Manifest: []byte(`{"v":1}`), Commit: sum("commit" + id), Chain: sum("chain"), Round: 1<<53 - 1,
		DrawTime: 11, DueAt: 12, Rehearsal: true, Result: []byte(`{}`), VoidReason: "storm",
		OpenedAt: 13, ClosedAt: 14, Version: 15,
	}
}

func (s suite) draws(t *testing.T) {
	s.run(t, []check{
		{"a draw is read back as it was added", func(t *testing.T, s service.Store) {
			addCity(t, s, "bonn")
			full := sampleDraw("d1", "bonn", "city/bonn/jury", 1)
			bare := service.Draw{ID: "d2", City: "bonn", Subject: "s", Seq: 1, State: service.DrawOpen}
			addDraws(t, s, full, bare)
			same(t, "full", oneDraw(t, s, "d1"), full)
			same(t, "bare", oneDraw(t, s, "d2"), bare)
			same(t, "by commit", get(t, s, func(tx service.Tx) (service.Draw, error) { return tx.DrawByCommit(full.Commit) }), full)
		}},
		{"an absent draw is not found", func(t *testing.T, s service.Store) {
			missing(t, s, func(tx service.Tx) (service.Draw, error) { return tx.Draw("d1") })
			missing(t, s, func(tx service.Tx) (service.Draw, error) { return tx.DrawByCommit(sum("commitd1")) })
		}},
		{"a taken id, place on the subject or commit is refused", func(t *testing.T, s service.Store) {
			addCity(t, s, "bonn")
			addDraws(t, s, sampleDraw("d1", "bonn", "jury", 1))
			sameCommit := sampleDraw("d2", "bonn", "jury", 2)
			sameCommit.Commit = sum("commitd1")
			for _, d := range []service.Draw{sampleDraw("d1", "bonn", "jury", 2), sampleDraw("d2", "bonn", "jury", 1), sameCommit} {
				refused(t, s, service.ErrExists, func(tx service.Tx) error { return tx.AddDraw(d) })
			}
			addDraws(t, s, sampleDraw("d2", "bonn", "jury", 2), sampleDraw("d3", "bonn", "other", 1))
		}},
		{"draws of a subject come in sequence", func(t *testing.T, s service.Store) {
			addCity(t, s, "bonn")
			addDraws(t, s, sampleDraw("d1", "bonn", "jury", 10), sampleDraw("d2", "bonn", "jury", 9),
				sampleDraw("d3", "bonn", "jury/2", 1))
			list := func(subject string) []string {
				return drawIDs(get(t, s, func(tx service.Tx) ([]service.Draw, error) { return tx.DrawsOf(subject) }))
			}
			same(t, "jury", list("jury"), []string{"d2", "d1"})
			same(t, "none", list("jur"), []string{})
		}},
		{"draws are listed newest first, of one city or all", drawsNewestFirst},
		{"an update writes every field and raises the version", func(t *testing.T, s service.Store) {
			addCity(t, s, "bonn")
			addDraws(t, s, service.Draw{ID: "d1", City: "bonn", Subject: "jury", Seq: 1, State: service.DrawOpen, Version: 15})
			want := sampleDraw("d1", "bonn", "jury", 1)
			write(t, s, func(tx service.Tx) error { return tx.UpdateDraw(want) })
			want.Version++
			same(t, "draw", oneDraw(t, s, "d1"), want)
		}},
		{"an update of another version or of nothing is stale", func(t *testing.T, s service.Store) {
			addCity(t, s, "bonn")
			want := sampleDraw("d1", "bonn", "jury", 1)
			addDraws(t, s, want)
			for _, d := range []service.Draw{{ID: "d1", Version: 14}, {ID: "d1", Version: 16}, {ID: "d2", Version: 15}} {
				d.City, d.Subject, d.Seq, d.State = "bonn", "jury", 1, service.DrawVoid
				refused(t, s, service.ErrStale, func(tx service.Tx) error { return tx.UpdateDraw(d) })
			}
			same(t, "draw", oneDraw(t, s, "d1"), want)
		}},
	})
}

func drawsNewestFirst(t *testing.T, s service.Store) {
	addCity(t, s, "bonn", "kiel")
	addDraws(t, s, sampleDraw("d1", "bonn", "a", 1), sampleDraw("d3", "bonn", "b", 1),
		sampleDraw("d2", "kiel", "c", 1), sampleDraw("D4", "kiel", "d", 1))
	list := func(city, after string, limit int) []string {
		return drawIDs(get(t, s, func(tx service.Tx) ([]service.Draw, error) { return tx.Draws(city, after, limit) }))
	}
	same(t, "all", list("", "", 9), []string{"d3", "d2", "d1", "D4"})
	same(t, "first page", list("", "", 2), []string{"d3", "d2"})
	same(t, "second page", list("", "d2", 2), []string{"d1", "D4"})
	same(t, "bonn", list("bonn", "", 9), []string{"d3", "d1"})
	same(t, "rest of bonn", list("bonn", "d3", 9), []string{"d1"})
	same(t, "end", list("bonn", "d1", 9), []string{})
}

func addDraws(t testing.TB, s service.Store, draws ...service.Draw) {
	t.Helper()
	write(t, s, func(tx service.Tx) error {
		for _, d := range draws {
			if err := tx.AddDraw(d); err != nil {
				return err
			}
		}
		return nil
	})
}

func oneDraw(t testing.TB, s service.Store, id string) service.Draw {
	t.Helper()
	return get(t, s, func(tx service.Tx) (service.Draw, error) { return tx.Draw(id) })
}

func drawIDs(draws []service.Draw) []string {
	ids := []string{}
	for _, d := range draws {
		ids = append(ids, d.ID)
	}
	return ids
}
