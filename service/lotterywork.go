package service

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	"kleroterion/randomness/register"
	"kleroterion/randomness/sortition"
	"kleroterion/randomness/sortition/panelfile"
	"kleroterion/randomness/sortition/panels"
	"kleroterion/randomness/sortition/quota"
)

// watchEvery is how often a solver at work looks whether its job is still its own.
const watchEvery = 400 * time.Millisecond

// performLottery computes a lottery: terms, register and method fix every byte of the file, so a process
// that dies at any point before the last transaction leaves nothing, and whoever takes the job next writes
// the same bytes. The last transaction writes file, lottery and end of the job together.
func (s *Service) performLottery(ctx context.Context, job *lease) error {
	l, reg, err := s.lotteryOf(ctx, job.Target)
	if err != nil {
		return err
	}
	if l.State != LotteryComputing {
		return s.Store.Write(ctx, func(tx Tx) error { return job.finish(tx, s.now(), nil) })
	}
	list, err := s.load(ctx, reg)
	if err != nil {
		return err
	}
	terms, err := parseTerms(l.Terms)
	if err != nil {
		return err
	}
	var file []byte
	done := l
	err = job.watched(ctx, func(ctx context.Context, tell func(panels.Progress)) (err error) {
		file, done, err = compute(ctx, list, terms, l, tell)
		return err
	})
	var refusal *Error
	if errors.As(err, &refusal) {
		return s.failLottery(ctx, job, refusal)
	}
	if err != nil {
		return err
	}
	return s.concludeLottery(ctx, job, done, file)
}

func (s *Service) lotteryOf(ctx context.Context, id string) (l Lottery, reg Register, err error) {
	err = s.Store.Read(ctx, func(tx Tx) error {
		if l, err = tx.Lottery(id); err != nil {
			return err
		}
		reg, err = tx.Register(l.RegisterID)
		return err
	})
	return l, reg, err
}

// compute returns the panel file, and the lottery as it is with it. A refusal is for good: the same
// request meets it again.
func compute(ctx context.Context, list *register.Register, terms panelfile.Terms, l Lottery, tell func(panels.Progress)) ([]byte, Lottery, error) {
	p, err := terms.Problem(panelfile.Entries(list))
	if err != nil {
		return nil, l, err
	}
	r, err := panels.Solve(ctx, p, panels.Options{Method: l.Method, Panels: l.Panels, Progress: tell})
	switch {
	case ctx.Err() != nil:
		return nil, l, ctx.Err()
	case errors.Is(err, panels.ErrInfeasible):
		tell(panels.Progress{Phase: "conflict"})
		return nil, l, conflict(ctx, p)
	case err != nil:
		return nil, l, Refuse(KindInvalid, "no_lottery", "%v", err).WithHint("ask for wider quotas, fewer features, or another method")
	}
	tell(panels.Progress{Phase: "file"})
	file, named, err := panelfile.Build(panelfile.Entries(list), terms, r)
	if err != nil {
		return nil, l, NewLottery{}.refusal(err)
	}
	verdict, err := panels.Verify(p, r)
	return file, l.with(file, named, verdict), err
}

// with is the lottery once it is ready.
func (l Lottery) with(file []byte, list sortition.PanelList, v panels.Verdict) Lottery {
	l.State, l.File, l.Bytes, l.Root = LotteryReady, list.FileSHA256, int64(len(file)), list.Root
	l.Proved, l.Gap = v.Optimal, fmt.Sprintf("%s/%s", v.Gap.Num(), v.Gap.Denom())
	l.Lowest, l.Highest = v.Lowest, v.Highest
	return l
}

func (s *Service) concludeLottery(ctx context.Context, job *lease, l Lottery, file []byte) error {
	return s.Store.Write(ctx, func(tx Tx) error {
		l.ClosedAt = s.now()
		if err := tx.UpdateLottery(l); err != nil {
			return err
		}
		if err := tx.AddLotteryFile(l.ID, file); err != nil {
			return err
		}
		return job.finish(tx, s.now(), nil)
	})
}

// failLottery ends lottery and job with what the official can do about it.
func (s *Service) failLottery(ctx context.Context, job *lease, why *Error) error {
	report, err := lotteryReport(why)
	if err != nil {
		return err
	}
	err = s.Store.Write(ctx, func(tx Tx) error {
		l, err := tx.Lottery(job.Target)
		if err != nil {
			return err
		}
		l.State, l.ClosedAt = LotteryFailed, s.now()
		if err := tx.UpdateLottery(l); err != nil {
			return err
		}
		return job.fail(tx, s.now(), why.Code, report)
	})
	if err != nil {
		return err
	}
	return why
}

// impossible is the cause of a refusal that has more to say than words.
type impossible struct{ QuotaCheck }

func (impossible) Error() string { return "no panel meets the quotas" }

// conflict explains why no panel meets the quotas. It is an *Error, but where ctx ended.
func conflict(ctx context.Context, p *quota.Problem) error {
	check, err := examine(ctx, p)
	if err != nil {
		return err
	}
	e := Refuse(KindInvalid, "quotas_conflict", "no panel meets the quotas").WithHint("change the quotas; the report names what is nearest")
	e.cause = impossible{check}
	return e
}

// lotteryReport is the report of a failed job: a conflict comes with all that is known of it.
func lotteryReport(why *Error) ([]byte, error) {
	var check impossible
	if !errors.As(why, &check) {
		return messageReport(why), nil
	}
	b, err := json.Marshal(struct {
		Code    string `json:"code"`
		Message string `json:"message"`
		Hint    string `json:"hint"`
		QuotaCheck
	}{why.Code, why.Message, why.Hint, check.QuotaCheck})
	if err != nil {
		return nil, fmt.Errorf("report of a lottery: %w", err)
	}
	return b, nil
}

// watched does long work whose only trace in the database is its progress: it renews the lease meanwhile, and
// ends the work's context when the job is no longer ours: leased by another worker, or cancelled.
func (l *lease) watched(ctx context.Context, do func(ctx context.Context, tell func(panels.Progress)) error) error {
	ctx, stop := context.WithCancelCause(ctx)
	at := new(lastProgress)
	var watching sync.WaitGroup
	watching.Go(func() {
		tick := time.NewTicker(watchEvery)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
			}
			if err := l.hold(ctx, at.get()); err != nil && ctx.Err() == nil {
				stop(err)
				return
			}
		}
	})
	err := do(ctx, at.set)
	stop(nil)
	watching.Wait()
	if cause := context.Cause(ctx); err != nil && !errors.Is(cause, context.Canceled) {
		return cause
	}
	return err
}

// lastProgress is what the work told last.
type lastProgress struct {
	mu sync.Mutex
	p  panels.Progress
}

func (l *lastProgress) set(p panels.Progress) { l.mu.Lock(); l.p = p; l.mu.Unlock() }

func (l *lastProgress) get() panels.Progress { l.mu.Lock(); defer l.mu.Unlock(); return l.p }

// hold fails with ErrStale when the job is not ours any more; otherwise it records progress, and renews the
// lease before it ends.
func (l *lease) hold(ctx context.Context, p panels.Progress) error {
	err := l.svc.Store.Read(ctx, func(tx Tx) error {
		now, err := tx.Job(l.ID)
		if err == nil && (now.Fence != l.Fence || now.State != JobPending) {
			return fmt.Errorf("job %s: %w", l.ID, ErrStale)
		}
		return err
	})
	moved := p.Phase != "" && (p.Phase != l.Step || int64(p.Done) != l.Done || int64(p.Of) != l.Total)
	if err != nil || !moved && l.svc.now()-l.renewed < leaseFor/3 {
		return err
	}
	step, done, total := l.Step, l.Done, l.Total
	if moved {
		step, done, total = p.Phase, int64(p.Done), int64(p.Of)
	}
	return l.svc.Store.Write(ctx, func(tx Tx) error { return l.progress(tx, step, done, total) })
}
