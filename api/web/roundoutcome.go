package web

import (
	"context"

	"kleroterion/funding"
	"kleroterion/service"
	"kleroterion/service/grants"
)

// outcome is a round's newest result and how it came to be the newest.
type outcome struct {
	File     grants.ResultFile
	Table    board
	NoJury   string // why the jury gave nothing
	Versions []versionRow
	Payouts  []payoutRow
	Unlisted int // payouts that are not shown
	Invalid  []brokenGift
	Hidden   int // broken gifts that are not shown
}

// versionRow is one version with what it changed. Only the newest corrections are compared.
type versionRow struct {
	service.RoundVersion
	Newest  bool
	Changes []changeRow
	More    int      // changes that are not shown
	Struck  []string // what the correction says, in words
}

type payoutRow struct {
	grants.Payout
	Title string
}

type brokenGift struct {
	N   int64
	Why string
}

// maxCompared is how many corrections a page compares with the version before.
const maxCompared = 5

// readOutcome reads the result, nil before there is one.
func (p *Pages) readOutcome(ctx context.Context, r fundingRound) (*outcome, error) {
	if r.Versions == 0 {
		return nil, nil
	}
	f, _, err := p.Service.RoundResult(ctx, r.ID, r.Versions)
	if err != nil {
		return nil, err
	}
	list, err := p.Service.Projects(ctx, r.ID, service.Window{Limit: most})
	if err != nil {
		return nil, err
	}
	called := p.titlesOf(ctx, r.ID, list)
	o, err := newOutcome(f, r.Asset, called)
	if err != nil {
		return nil, err
	}
	paid, err := p.Service.Payouts(ctx, r.ID)
	if err != nil {
		return nil, err
	}
	if err := o.pay(paid, called); err != nil {
		return nil, err
	}
	versions, err := p.Service.RoundVersions(ctx, r.ID)
	if err != nil {
		return nil, err
	}
	return o, p.compare(ctx, o, r, versions, called)
}

func newOutcome(f grants.ResultFile, x funding.Asset, called titles) (*outcome, error) {
	o := &outcome{File: f}
	votes := map[string]grants.JuryProject{}
	if f.Jury != nil {
		o.Table.HasJury, o.NoJury = true, noJuryWords(f.Jury.None)
		for _, j := range f.Jury.Projects {
			votes[j.Project] = j
		}
	}
	for i, total := range f.Payable() { // in the order of f.Projects
		q := f.Projects[i]
		row := projectRow{ID: q.Project, Donors: q.Donors, Given: q.Sum, Match: q.Amount, Gets: total.Amount, Capped: q.Capped}
		row.Jury, row.Votes, row.Portion = votes[q.Project].Amount, votes[q.Project].Votes, portion(total.Amount, f.Pool)
		o.Table.Rows = append(o.Table.Rows, row)
	}
	for i, broken := range f.Invalid {
		if i == maxInvalid {
			o.Hidden = len(f.Invalid) - maxInvalid
			break
		}
		o.Invalid = append(o.Invalid, brokenGift{broken.N, invalidGift(broken.Rule)})
	}
	return o, o.Table.finish(x, called)
}

func (o *outcome) pay(list []grants.Payout, called titles) error {
	if len(list) > most {
		o.Unlisted, list = len(list)-most, list[:most]
	}
	for _, paid := range list {
		title, err := called(paid.Project)
		if err != nil {
			return err
		}
		o.Payouts = append(o.Payouts, payoutRow{paid, title})
	}
	return nil
}

// compare lists the versions, the newest first, each with what it changed of the one before.
func (p *Pages) compare(ctx context.Context, o *outcome, r fundingRound, list []service.RoundVersion, called titles) error {
	for i := len(list) - 1; i >= 0; i-- {
		row := versionRow{RoundVersion: list[i], Newest: i == len(list)-1, Struck: correctionWords(list[i].Changes)}
		if i > 0 && len(list)-i <= maxCompared {
			changes, err := p.Service.RoundDiff(ctx, r.ID, list[i-1].Number, list[i].Number)
			if err != nil {
				return err
			}
			if err := row.list(changes, r.Asset, called); err != nil {
				return err
			}
		}
		o.Versions = append(o.Versions, row)
	}
	return nil
}

func (v *versionRow) list(changes []funding.Change, x funding.Asset, called titles) error {
	if len(changes) > maxChanges {
		v.More, changes = len(changes)-maxChanges, changes[:maxChanges]
	}
	for _, c := range changes {
		title, err := called(c.Project)
		if err != nil {
			return err
		}
		v.Changes = append(v.Changes, changeRow{Project: c.Project, Title: title, Before: c.Before, After: c.After, Change: change(c.Before, c.After, x)})
	}
	return nil
}

// correctionWords says what a correction differs in from what was recorded.
func correctionWords(list []grants.Correction) (out []string) {
	for i, c := range list {
		if i == maxChanges {
			return append(out, plural(int64(len(list)-i), "more change", "more changes")+" in the file")
		}
		switch {
		case c.Project != "":
			out = append(out, "project "+c.Project+" does not count")
		case c.Weight != nil:
			out = append(out, "donor "+c.Donor+" counts with "+number(*c.Weight)+" of a million")
		default:
			out = append(out, "donor "+c.Donor+" does not count")
		}
	}
	return out
}
