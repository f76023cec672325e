package service

import (
	"context"

	"kleroterion/service/audit"
)

// SetApprovals sets how many officials a draw of the city needs, and logs it. An official may ask for
// two; only an operator may go back to one, or a single official could undo what binds them.
func (s *Service) SetApprovals(ctx context.Context, a Actor, city string, approvals int64) (City, error) {
	if err := a.authorise(setPolicy, city); err != nil {
		return City{}, err
	}
	if approvals != 1 && approvals != 2 {
		return City{}, Refuse(KindInvalid, "approvals", "approvals is %d, want 1 or 2", approvals)
	}
	c, err := once(ctx, s, a, func(tx Tx) (City, error) { return s.setApprovals(tx, a, city, approvals) })
	return c, s.settled(ctx, err)
}

func (s *Service) setApprovals(tx Tx, a Actor, slug string, approvals int64) (City, error) {
	c, err := tx.City(slug)
	if err != nil {
		return City{}, absent(err, "city")
	}
	if c.approvals() == approvals {
		return c, nil
	}
	if approvals < c.approvals() && a.Role != RoleOperator {
		return City{}, Refuse(KindForbidden, "role", "only an operator lowers the number of officials that a draw needs")
	}
	if err := tx.SetApprovals(slug, approvals); err != nil {
		return City{}, err
	}
	at, err := s.moment(tx, 0)
	if err != nil {
		return City{}, err
	}
	c.Approvals = approvals
	_, err = s.append(tx, audit.KindCityPolicy, citySubject(slug), audit.CityPolicy{Approvals: approvals, At: at})
	return c, err
}

func (c City) approvals() int64 { return max(c.Approvals, 1) }
