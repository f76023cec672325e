package service

import (
	"context"
	"io"

	"kleroterion/randomness/sortition/report"
)

func notBuilt() error { return Refuse(KindUnavailable, "not_built", "lotteries are not there yet") }

// CheckQuotas says at once whether quotas can be met. Nothing is stored.
func (s *Service) CheckQuotas(ctx context.Context, a Actor, in NewLottery) (QuotaCheck, error) {
	return QuotaCheck{}, notBuilt()
}

// StartLottery queues the work that computes a lottery. It needs one official only: it commits to nothing.
func (s *Service) StartLottery(ctx context.Context, a Actor, in NewLottery) (Lottery, error) {
	return Lottery{}, notBuilt()
}

// CancelLottery gives up a lottery that no draw has committed to.
func (s *Service) CancelLottery(ctx context.Context, a Actor, id string) (Lottery, error) {
	return Lottery{}, notBuilt()
}

// Lottery returns a lottery to its city, and to anybody once a draw has committed to it.
func (s *Service) Lottery(ctx context.Context, a Actor, id string) (Lottery, error) {
	return Lottery{}, notBuilt()
}

// Lotteries lists a city's lotteries, the newest first.
func (s *Service) Lotteries(ctx context.Context, a Actor, city string, w Window) ([]Lottery, error) {
	return nil, notBuilt()
}

// LotteryFile writes the panel file and returns its length.
func (s *Service) LotteryFile(ctx context.Context, a Actor, id string, w io.Writer) (int64, error) {
	return 0, notBuilt()
}

// LotteryReport says what a lottery does.
func (s *Service) LotteryReport(ctx context.Context, a Actor, id string) (*report.Report, error) {
	return nil, notBuilt()
}

// PanelReport says what the lottery of a draw does. Public.
func (s *Service) PanelReport(ctx context.Context, drawID string) (*report.Report, error) {
	return nil, notBuilt()
}

// PanelAlternates lists up to n people who would be first to fill a seat of the drawn panel. Public; it
// decides nothing.
func (s *Service) PanelAlternates(ctx context.Context, drawID string, n int) ([]string, error) {
	return nil, notBuilt()
}
