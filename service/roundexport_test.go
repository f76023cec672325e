package service

import (
	"context"

	"kleroterion/funding"
	"kleroterion/service/grants"
)

// Retell replays a round with so many records a page and returns how many gifts and versions it has.
func (s *Service) Retell(ctx context.Context, id string, size int) (gifts int64, versions int, err error) {
	r, err := s.fundingRound(ctx, id)
	if err != nil {
		return 0, 0, err
	}
	f, err := s.facts(ctx, r)
	if err != nil {
		return 0, 0, err
	}
	p, err := s.untold(ctx, r, f)
	if err != nil {
		return 0, 0, err
	}
	p.size = size
	err = p.all(ctx)
	return p.Gifts(), len(p.Versions()), err
}

// Explainable is what decides whether a sheet has effects.
func Explainable(f grants.ResultFile, p funding.Project) error { return explainable(f, p) }
