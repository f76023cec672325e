package verify

import (
	"bytes"
	"strconv"

	"kleroterion/service/audit"
)

// time is the time that a record gives itself.
func (l *line) time() (int64, bool) {
	switch b := l.body.(type) {
	case audit.CharterAdopt:
		return b.At, true
	case audit.MemberMove:
		return b.At, true
	case audit.SeatsOpen:
		return b.At, true
	case audit.SeatMove:
		return b.At, true
	case audit.PollClose:
		return b.At, true
	case nil:
		return giftTime(l.record)
	}
	return roundTime(l.body)
}

// roundTime is the time of a record about a round.
func roundTime(body any) (int64, bool) {
	switch b := body.(type) {
	case audit.GiftAdd: // where it was decoded
		return b.At, true
	case audit.RoundTopup:
		return b.At, true
	case audit.ProjectMove:
		return b.At, true
	case audit.GiftRefund:
		return b.At, true
	case audit.RoundWeights:
		return b.At, true
	case audit.RoundClose:
		return b.At, true
	case audit.RoundResult:
		return b.At, true
	case audit.PayoutDone:
		return b.At, true
	case audit.RoundVoid:
		return b.At, true
	}
	return 0, false
}

// giftTime reads at, the first member of a gift.add's canonical body. Of a body that has none nothing
// is said here: it is refused when the gifts are read.
func giftTime(r audit.Record) (int64, bool) {
	if r.Kind != audit.KindGiftAdd {
		return 0, false
	}
	rest, ok := bytes.CutPrefix(r.Body, []byte(`{"at":`))
	digits, _, more := bytes.Cut(rest, []byte(","))
	at, err := strconv.ParseInt(string(digits), 10, 64)
	return at, ok && more && err == nil
}
