package service

import (
	"context"
	"crypto/sha256"
	"fmt"
	"io"

	"kleroterion/randomness/sortition/panelfile"
	"kleroterion/randomness/sortition/report"
)

// Lottery returns a lottery to its city, and to anybody once a draw has committed to it.
func (s *Service) Lottery(ctx context.Context, a Actor, id string) (l Lottery, err error) {
	err = s.Store.Read(ctx, func(tx Tx) error { l, err = seenLottery(tx, a, id); return err })
	return l, err
}

// seenLottery returns a lottery that this actor may see.
func seenLottery(tx Tx, a Actor, id string) (Lottery, error) {
	l, err := tx.Lottery(id)
	if err != nil {
		return Lottery{}, absent(err, "lottery")
	}
	if l.DrawID == "" && a.authorise(readRegisters, l.City) != nil {
		return Lottery{}, absent(ErrNotFound, "lottery")
	}
	return l, nil
}

// Lotteries lists a city's lotteries for the city, the newest first.
func (s *Service) Lotteries(ctx context.Context, a Actor, city string, w Window) (list []Lottery, err error) {
	if err := a.authorise(readRegisters, city); err != nil {
		return nil, err
	}
	err = s.Store.Read(ctx, func(tx Tx) error { list, err = tx.Lotteries(city, w.After, w.Limit); return err })
	return list, err
}

// LotteryFile writes the panel file of a ready lottery and returns its length. Who sees the lottery sees it.
func (s *Service) LotteryFile(ctx context.Context, a Actor, id string, w io.Writer) (int64, error) {
	_, data, err := s.lotteryFile(ctx, a, id)
	if err != nil {
		return 0, err
	}
	n, err := w.Write(data)
	return int64(n), err
}

// LotteryReport says what a ready lottery does. Who sees the lottery sees it.
func (s *Service) LotteryReport(ctx context.Context, a Actor, id string) (*report.Report, error) {
	l, data, err := s.lotteryFile(ctx, a, id)
	if err != nil {
		return nil, err
	}
	return s.report(ctx, l, data)
}

func (s *Service) lotteryFile(ctx context.Context, a Actor, id string) (l Lottery, data []byte, err error) {
	err = s.Store.Read(ctx, func(tx Tx) error {
		if l, err = seenLottery(tx, a, id); err != nil {
			return err
		}
		if err := l.ready(); err != nil {
			return err
		}
		data, err = panelData(tx, l)
		return err
	})
	return l, data, err
}

// ready refuses a lottery that has no file.
func (l Lottery) ready() error {
	switch l.State {
	case LotteryReady:
		return nil
	case LotteryComputing:
		return Refuse(KindTooEarly, "lottery_state", "the lottery is being computed: look at the job %s", l.Job)
	}
	return Refuse(KindConflict, "lottery_state", "the lottery is %s", l.State)
}

// panelData reads the file of a ready lottery: among the blobs once a draw has committed to it.
func panelData(tx Tx, l Lottery) (data []byte, err error) {
	if l.DrawID != "" {
		data, err = tx.Blob(l.File)
	} else {
		data, err = tx.LotteryFile(l.ID)
	}
	if err != nil {
		return nil, fmt.Errorf("panel file of lottery %s: %w", l.ID, err)
	}
	if sum := sha256.Sum256(data); sum != l.File {
		return nil, fmt.Errorf("panel file of lottery %s has SHA-256 %x, its row says %s: the database was changed", l.ID, sum, l.File)
	}
	return data, nil
}

// report makes the report of a lottery from its file and the register. A file has one report for ever.
func (s *Service) report(ctx context.Context, l Lottery, data []byte) (*report.Report, error) {
	if r, known := s.reports.get(l.File.String()); known {
		return r, nil
	}
	var reg Register
	err := s.Store.Read(ctx, func(tx Tx) (err error) { reg, err = tx.Register(l.RegisterID); return err })
	if err != nil {
		return nil, err
	}
	list, err := s.load(ctx, reg)
	if err != nil {
		return nil, err
	}
	f, err := panelfile.Read(data)
	if err != nil {
		return nil, err
	}
	p, err := f.Problem(panelfile.Entries(list))
	if err != nil {
		return nil, err
	}
	r, err := report.Build(report.Input{Problem: p, Quotas: f.Quotas, Result: f.Result})
	if err == nil {
		s.reports.put(l.File.String(), r)
	}
	return r, err
}
