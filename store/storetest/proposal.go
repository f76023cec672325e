package storetest

import (
	"testing"

	"kleroterion/service"
)

// sampleProposal has a different value in each field.
func sampleProposal(id, city string) service.Proposal {
	return service.Proposal{
		ID: id, City: city, Request: []byte(`{"seats":100}`), ProposedBy: "key-a", ApprovedBy: "key-b",
		State: service.ProposalOpened, DrawID: "d1", CreatedAt: 11, Version: 12,
	}
}

func (s suite) proposals(t *testing.T) {
	s.run(t, []check{
		{"a proposal is read back as it was added", func(t *testing.T, s service.Store) {
			addCity(t, s, "bonn")
			full, bare := sampleProposal("p1", "bonn"), service.Proposal{ID: "p2", City: "bonn", State: service.ProposalWaiting}
			addProposals(t, s, full, bare)
			same(t, "full", oneProposal(t, s, "p1"), full)
			same(t, "bare", oneProposal(t, s, "p2"), bare)
		}},
		{"a taken id is refused, an absent one not found", func(t *testing.T, s service.Store) {
			addCity(t, s, "bonn")
			addProposals(t, s, sampleProposal("p1", "bonn"))
			refused(t, s, service.ErrExists, func(tx service.Tx) error { return tx.AddProposal(sampleProposal("p1", "bonn")) })
			missing(t, s, func(tx service.Tx) (service.Proposal, error) { return tx.Proposal("p2") })
		}},
		{"proposals of a city are listed newest first", func(t *testing.T, s service.Store) {
			addCity(t, s, "bonn", "kiel")
			addProposals(t, s, sampleProposal("p1", "bonn"), sampleProposal("p3", "bonn"), sampleProposal("p2", "kiel"), sampleProposal("P4", "bonn"))
			list := func(city, after string, limit int) []string {
				ids := []string{}
				for _, p := range get(t, s, func(tx service.Tx) ([]service.Proposal, error) { return tx.Proposals(city, after, limit) }) {
					ids = append(ids, p.ID)
				}
				return ids
			}
			same(t, "all", list("bonn", "", 9), []string{"p3", "p1", "P4"})
			same(t, "page", list("bonn", "p3", 1), []string{"p1"})
			same(t, "end", list("bonn", "P4", 9), []string{})
		}},
		{"an update writes what became of it and raises the version", func(t *testing.T, s service.Store) {
			addCity(t, s, "bonn")
			waiting := service.Proposal{ID: "p1", City: "bonn", Request: []byte("{}"), ProposedBy: "key-x", State: service.ProposalWaiting, CreatedAt: 1, Version: 12}
			addProposals(t, s, waiting)
			write(t, s, func(tx service.Tx) error { return tx.UpdateProposal(sampleProposal("p1", "bonn")) })
			want := waiting
			want.State, want.DrawID, want.ApprovedBy, want.Version = service.ProposalOpened, "d1", "key-b", 13
			same(t, "proposal", oneProposal(t, s, "p1"), want)
		}},
		{"an update of another version or of nothing is stale", func(t *testing.T, s service.Store) {
			addCity(t, s, "bonn")
			want := sampleProposal("p1", "bonn")
			addProposals(t, s, want)
			for _, p := range []service.Proposal{{ID: "p1", Version: 11}, {ID: "p1", Version: 13}, {ID: "p2", Version: 12}} {
				p.State = service.ProposalRejected
				refused(t, s, service.ErrStale, func(tx service.Tx) error { return tx.UpdateProposal(p) })
			}
			same(t, "proposal", oneProposal(t, s, "p1"), want)
		}},
	})
}

func addProposals(t testing.TB, s service.Store, proposals ...service.Proposal) {
	t.Helper()
	write(t, s, func(tx service.Tx) error {
		for _, p := range proposals {
			if err := tx.AddProposal(p); err != nil {
				return err
			}
		}
		return nil
	})
}

func oneProposal(t testing.TB, s service.Store, id string) service.Proposal {
	t.Helper()
	return get(t, s, func(tx service.Tx) (service.Proposal, error) { return tx.Proposal(id) })
}
