package service

import (
	"fmt"
	"math/big"
	"runtime/debug"
	"slices"

	"kleroterion/funding"
	"kleroterion/service/grants"
	"kleroterion/service/poll"
	"kleroterion/service/ratio"
	"kleroterion/service/voting"
)

// matchEvery is how many seconds lie between two full matches of a round that has no running estimate.
const matchEvery = 3

// matches are the full matches of a round: one at a time.
type matches struct {
	last    *EstimateView
	of      int64 // liveRound.changed of the last
	started int64 // when the newest was begun
	running *flight
}

// flight is a full match on its way.
type flight struct {
	of   int64
	done chan struct{}
	view EstimateView // these two once done is closed
	err  error
}

// estimate returns the view now, or the flight that brings it.
func (l *liveRound) estimate(now int64) (*EstimateView, *flight, error) {
	if l.row.State == RoundVoid {
		return nil, nil, errVoid(l.row)
	}
	if l.running == nil {
		return l.matched(now)
	}
	if l.view == nil {
		v, err := l.viewed(l.running.Result())
		if err != nil {
			return nil, nil, err
		}
		v.Exact = true
		l.view = &v
	}
	return l.view, nil, nil
}

// matched returns the newest match where it is of now, or of a few seconds ago, or where the next is on its
// way. Who begins the next waits for it, and so does whoever would have nothing.
func (l *liveRound) matched(now int64) (*EstimateView, *flight, error) {
	m := &l.matches
	m.land()
	fresh := m.last != nil && (m.of == l.changed || now < m.started+matchEvery)
	switch {
	case fresh, m.last != nil && m.running != nil:
		return m.last, nil, nil
	case m.running != nil:
		return nil, m.running, nil
	}
	r, err := l.build()
	if err != nil {
		return nil, nil, err
	}
	f := &flight{of: l.changed, done: make(chan struct{})}
	frame, err := l.viewed(funding.Result{})
	if err != nil {
		return nil, nil, err
	}
	m.started, m.running = now, f
	go f.fly(r, frame)
	return nil, f, nil
}

// land takes what a flight that is over has brought. After an error the next is begun at once.
func (m *matches) land() {
	if m.running == nil {
		return
	}
	select {
	case <-m.running.done:
		if m.running.err == nil {
			m.last, m.of = &m.running.view, m.running.of
		}
		m.running = nil
	default:
	}
}

// fly matches a round that nobody else has. frame is the view but for what matching says.
func (f *flight) fly(r *funding.Round, frame EstimateView) {
	defer close(f.done)
	defer func() {
		if p := recover(); p != nil {
			f.err = fmt.Errorf("matching: panic: %v\n%s", p, debug.Stack())
		}
	}()
	result, err := r.Match()
	if err != nil {
		f.err = fmt.Errorf("estimate of round %s: %w", frame.Round, err)
		return
	}
	frame.fill(result)
	f.view = frame
}

// viewed makes the view of what matching says now.
func (l *liveRound) viewed(result funding.Result) (EstimateView, error) {
	p, err := l.pot()
	if err != nil {
		return EstimateView{}, err
	}
	v := EstimateView{
		Round: l.row.ID, Through: l.through, Gifts: l.recorded, Pool: l.row.Pool, Solidarity: p.solidarity, JuryPart: p.jury,
		Sealed: l.door.Manifest.Mode == poll.ModeSealed,
	}
	v.fill(result)
	return v, nil
}

// fill takes what matching says. With a jury, solidarity was taken before.
func (v *EstimateView) fill(result funding.Result) {
	v.Unallocated, v.Projects = result.Unallocated, result.Projects
	if !result.Solidarity.IsZero() {
		v.Solidarity = result.Solidarity
	}
}

// run starts the running estimate from all that is known, where the round can have one.
func (l *liveRound) run() error {
	r, err := l.build()
	if err != nil {
		return err
	}
	l.running, err = r.Estimate()
	if tooLarge(err) {
		l.running, err = nil, nil
	}
	return err
}

// build fills a round with what would count if it ended now.
func (l *liveRound) build() (*funding.Round, error) {
	p, err := l.pot()
	if err != nil {
		return nil, err
	}
	r, err := funding.NewRound(p.members)
	if err != nil {
		return nil, err
	}
	for id, p := range l.projects {
		if p.State != grants.Approved {
			continue
		}
		if err := r.List(id); err != nil {
			return nil, err
		}
	}
	r.Grow(len(l.gifts))
	for _, g := range l.gifts {
		if !l.counts(g) {
			continue
		}
		if err := r.Add(g.Contribution); err != nil {
			return nil, err
		}
	}
	for _, w := range l.weights {
		if err := r.Weigh(w); err != nil {
			return nil, err
		}
	}
	return r, nil
}

// pot is how the pool is shared before the members' gifts match (round.md, "The jury's part").
type pot struct {
	members    funding.Params
	solidarity funding.Amount // taken here with a jury, by matching without
	jury       funding.Amount
}

func (l *liveRound) pot() (pot, error) {
	m := l.door.Manifest
	p := pot{members: m.Params}
	p.members.Pool = l.row.Pool
	if m.Jury == nil {
		return p, nil
	}
	left := l.row.Pool.Big()
	solidarity, err := taken(left, string(m.Params.Solidarity))
	if err != nil {
		return pot{}, err
	}
	jury := new(big.Int)
	if !l.jury.said || l.hasVotes() {
		if jury, err = taken(left, m.Jury.Share.String()); err != nil {
			return pot{}, err
		}
	}
	p.members.Solidarity = ""
	for to, n := range map[*funding.Amount]*big.Int{&p.members.Pool: left, &p.solidarity: solidarity, &p.jury: jury} {
		if *to, err = funding.ParseAmount(n.String()); err != nil {
			return pot{}, err
		}
	}
	return p, nil
}

// hasVotes reports whether the jury gave anything to a project that counts, in a poll that can have votes
// for this round.
func (l *liveRound) hasVotes() (any bool) {
	count := l.jury.count
	if count == nil || count.Method != voting.Quadratic {
		return false
	}
	at := slices.IndexFunc(count.Chambers, func(c voting.ChamberCount) bool { return c.ID == voting.Jury })
	if at < 0 || !count.Chambers[at].QuorumMet {
		return false
	}
	for _, o := range count.Options {
		p, known := l.projects[o.ID]
		if !known || at >= len(o.Sums) {
			return false
		}
		any = any || o.Sums[at] > 0 && p.State == grants.Approved
	}
	return any
}

// taken takes ⌊left · share⌋ from left; an empty share is none.
func taken(left *big.Int, share string) (*big.Int, error) {
	if share == "" {
		return new(big.Int), nil
	}
	x, err := ratio.Parse(share)
	if err != nil {
		return nil, fmt.Errorf("share of a pool: %w", err)
	}
	n := new(big.Int).Mul(left, x.Rat().Num())
	n.Quo(n, x.Rat().Denom())
	left.Sub(left, n)
	return n, nil
}
