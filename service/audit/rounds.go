package audit

import "kleroterion/service/grants"

// The kinds of records about funding rounds. Their bodies are those of package grants, which replays
// them.
const (
	KindRoundOpen    Kind = "round.open"
	KindRoundTopup   Kind = "round.topup"
	KindProjectMove  Kind = "project.move"
	KindGiftAdd      Kind = "gift.add"
	KindGiftRefund   Kind = "gift.refund"
	KindRoundWeights Kind = "round.weights"
	KindRoundClose   Kind = "round.close"
	KindRoundResult  Kind = "round.result"
	KindPayoutDone   Kind = "payout.done"
	KindRoundVoid    Kind = "round.void"
)

// RoundOpen, RoundTopup, ProjectMove, GiftAdd, GiftRefund, RoundWeights, RoundClose, RoundResult,
// PayoutDone and RoundVoid are the bodies of the kinds of the same names.
type (
	RoundOpen    struct{ grants.Open }
	RoundTopup   struct{ grants.Topup }
	ProjectMove  struct{ grants.Move }
	GiftAdd      struct{ grants.GiftAdd }
	GiftRefund   struct{ grants.Refund }
	RoundWeights struct{ grants.Weights }
	RoundClose   struct{ grants.Close }
	RoundResult  struct{ grants.ResultRecord }
	PayoutDone   struct{ grants.Payout }
	RoundVoid    struct{ grants.Void }
)

func (b RoundOpen) check(subject string) error { return firstError(onRound(subject), b.Check()) }

func (b RoundTopup) check(subject string) error { return firstError(onRound(subject), b.Check()) }

func (b ProjectMove) check(subject string) error { return firstError(onRound(subject), b.Check()) }

func (b GiftAdd) check(subject string) error { return firstError(onRound(subject), b.Check()) }

func (b GiftRefund) check(subject string) error { return firstError(onRound(subject), b.Check()) }

func (b RoundWeights) check(subject string) error { return firstError(onRound(subject), b.Check()) }

func (b RoundClose) check(subject string) error { return firstError(onRound(subject), b.Check()) }

func (b RoundResult) check(subject string) error { return firstError(onRound(subject), b.Check()) }

func (b PayoutDone) check(subject string) error { return firstError(onRound(subject), b.Check()) }

func (b RoundVoid) check(subject string) error { return firstError(onRound(subject), b.Check()) }

func onRound(subject string) error { return onForm(subject, "community/*/round/*") }
