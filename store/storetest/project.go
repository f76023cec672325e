package storetest

import (
	"errors"
	"sync/atomic"
	"testing"

	"kleroterion/service"
	"kleroterion/service/grants"
	"kleroterion/service/poll"
)

// sampleProject has a different value in each field.
func sampleProject(round, id string, seq int64) service.Project {
	return service.Project{Round: round, AppliedAt: 11, Project: grants.Project{
		ID: id, Owner: "o-" + id, Title: "Gärten ☃", Account: "DE02", Text: poll.File{Bytes: 12, SHA256: sum("text" + id)},
		State: grants.Appealed, Seq: seq, RejectedAt: 13, Decided: []string{`Ä "b"`, "rev-1"}, Appeals: 1,
	}}
}

// appliedProject is a project before anybody has looked at it.
func appliedProject(round, id string) service.Project {
	return service.Project{Round: round, Project: grants.Project{ID: id, State: grants.Applied, Seq: 1}}
}

func (s suite) projects(t *testing.T) {
	s.run(t, []check{
		{"a project is read back as it was put", func(t *testing.T, s service.Store) {
			full, bare := sampleProject("r1", "full", 1), appliedProject("r1", "bare")
			putProjects(t, s, full, bare)
			same(t, "full", oneProject(t, s, "r1", "full"), full)
			same(t, "bare", oneProject(t, s, "r1", "bare"), bare)
			missing(t, s, func(tx service.Tx) (service.Project, error) { return tx.Project("r1", "other") })
			missing(t, s, func(tx service.Tx) (service.Project, error) { return tx.Project("r2", "full") })
		}},
		{"a project is replaced by its next move, in every field", func(t *testing.T, s service.Store) {
			other := appliedProject("r2", "a")
			putProjects(t, s, appliedProject("r1", "a"), other, sampleProject("r1", "a", 2))
			same(t, "full", oneProject(t, s, "r1", "a"), sampleProject("r1", "a", 2))
			bare := appliedProject("r1", "a")
			bare.Seq = 3
			putProjects(t, s, bare)
			same(t, "bare", oneProject(t, s, "r1", "a"), bare)
			same(t, "in another round", oneProject(t, s, "r2", "a"), other)
		}},
		{"a move that is not the next is stale", func(t *testing.T, s service.Store) {
			want := sampleProject("r1", "a", 2)
			putProjects(t, s, appliedProject("r1", "a"), want)
			for _, p := range []service.Project{
				sampleProject("r1", "a", 0), appliedProject("r1", "a"), sampleProject("r1", "a", 2),
				sampleProject("r1", "a", 4), sampleProject("r1", "b", 2), sampleProject("r2", "a", 3),
			} {
				p.Title = "stale"
				refused(t, s, service.ErrStale, func(tx service.Tx) error { return tx.PutProject(p) })
			}
			same(t, "kept", oneProject(t, s, "r1", "a"), want)
			missing(t, s, func(tx service.Tx) (service.Project, error) { return tx.Project("r1", "b") })
		}},
		{"projects are listed by id", func(t *testing.T, s service.Store) {
			putProjects(t, s, sampleProject("r1", "b", 1), sampleProject("r1", "B", 1), sampleProject("r1", "a", 1), sampleProject("r2", "c", 1))
			list := func(after string, limit int) []string {
				ids := []string{}
				for _, p := range get(t, s, func(tx service.Tx) ([]service.Project, error) { return tx.Projects("r1", after, limit) }) {
					ids = append(ids, p.ID)
				}
				return ids
			}
			same(t, "all", list("", 9), []string{"B", "a", "b"})
			same(t, "page", list("B", 1), []string{"a"})
			same(t, "end", list("b", 9), []string{})
		}},
		{"projects are counted by state", countProjects},
		{"of moves at once on one project one takes effect", raceMoves},
	})
}

func countProjects(t *testing.T, s service.Store) {
	approved := appliedProject("r1", "a")
	approved.State, approved.Seq = grants.Approved, 2
	elsewhere := appliedProject("r2", "a")
	elsewhere.State = grants.Rejected
	putProjects(t, s, appliedProject("r1", "a"), appliedProject("r1", "b"), appliedProject("r1", "c"), approved, elsewhere)
	for state, want := range map[grants.State]int64{
		grants.Applied: 2, grants.Approved: 1, grants.Rejected: 0, grants.Appealed: 0, grants.Withdrawn: 0,
	} {
		got := get(t, s, func(tx service.Tx) (int64, error) { return tx.CountProjects("r1", state) })
		same(t, string(state), got, want)
	}
}

// raceMoves lets workers each put the next move of a project as all of them read it, the first too.
func raceMoves(t *testing.T, s service.Store) {
	for seq := int64(1); seq <= 4; seq++ {
		var taken, by atomic.Int64
		together(4, func(worker int) {
			mine := sampleProject("r1", "a", seq)
			mine.RejectedAt = int64(worker + 1)
			switch err := s.Write(t.Context(), func(tx service.Tx) error { return tx.PutProject(mine) }); {
			case err == nil:
				taken.Add(1)
				by.Store(mine.RejectedAt)
			case !errors.Is(err, service.ErrStale):
				t.Errorf("worker %d: %v", worker, err)
			}
		})
		same(t, "taken", taken.Load(), int64(1))
		got := oneProject(t, s, "r1", "a")
		same(t, "move, and whose", [2]int64{got.Seq, got.RejectedAt}, [2]int64{seq, by.Load()})
	}
}

func putProjects(t testing.TB, s service.Store, projects ...service.Project) {
	t.Helper()
	write(t, s, func(tx service.Tx) error {
		for _, p := range projects {
			if err := tx.PutProject(p); err != nil {
				return err
			}
		}
		return nil
	})
}

func oneProject(t testing.TB, s service.Store, round, id string) service.Project {
	t.Helper()
	return get(t, s, func(tx service.Tx) (service.Project, error) { return tx.Project(round, id) })
}
