package service

import (
	"context"

	"kleroterion/funding"
	"kleroterion/service/grants"
)

// Retell replays a round from its records with so many a page, whatever its mode, and returns how many gifts it
// has and the bytes of its versions.
func (s *Service) Retell(ctx context.Context, id string, size int) (gifts int64, versions []string, err error) {
	p, err := s.before(ctx, id)
	if err != nil {
		return 0, nil, err
	}
	m, err := grants.ParseManifest(p.row.Manifest)
	if err != nil {
		return 0, nil, err
	}
	roll, err := s.Blob(ctx, m.Roll.File.SHA256)
	if err != nil {
		return 0, nil, err
	}
	if p.Round, err = grants.New(p.row.Manifest, roll); err != nil {
		return 0, nil, err
	}
	p.size = size
	err = p.all(ctx)
	return p.Gifts(), p.texts(), err
}

// Recount does the same from the rows of an open round.
func (s *Service) Recount(ctx context.Context, id string, size int) (gifts int64, versions []string, err error) {
	p, err := s.before(ctx, id)
	if err != nil {
		return 0, nil, err
	}
	p.size = size
	err = p.recount(ctx)
	return p.Gifts(), p.texts(), err
}

func (s *Service) before(ctx context.Context, id string) (*retold, error) {
	r, err := s.fundingRound(ctx, id)
	if err != nil {
		return nil, err
	}
	f, err := s.facts(ctx, r)
	if err != nil {
		return nil, err
	}
	return s.untold(ctx, r, f)
}

func (p *retold) texts() (list []string) {
	for _, v := range p.Versions() {
		list = append(list, string(v.Bytes))
	}
	return list
}

// Explainable is what decides whether a sheet has effects.
func Explainable(f grants.ResultFile, p funding.Project) error { return explainable(f, p) }
