package audit

import (
	"encoding/hex"
	"strconv"

	"kleroterion/randomness/canonical"
	"kleroterion/service/grants"
	"kleroterion/service/poll"
)

// checkBody refuses a body that Decoded refuses. Those of gifts and ballots have a reader that is faster
// and accepts no more; what it does not accept Decoded judges.
func (r Record) checkBody() error {
	switch r.Kind {
	case KindGiftAdd:
		if g, err := grants.ParseGiftAdd(r.Body); err == nil && (GiftAdd{g}).check(r.Subject) == nil {
			return nil
		}
	case KindBallotCast:
		if c, err := poll.ParseCast(r.Body); err == nil && (BallotCast{c}).check(r.Subject) == nil {
			return nil
		}
	}
	_, err := r.Decoded()
	return err
}

// text returns the canonical bytes. Body is canonical unless the kind is unknown: then it is made so.
func (r Record) text(unknown bool) ([]byte, error) {
	e := envelope{Body: r.Body, Kind: r.Kind, N: r.N, Prev: r.Prev, Seen: r.Seen, Subject: r.Subject, V: 1}
	if unknown {
		return canonical.Marshal(e)
	}
	return e.append(make([]byte, 0, len(r.Body)+len(r.Subject)+512))
}

// append writes what canonical.Marshal does of an envelope whose body is canonical.
func (e envelope) append(b []byte) ([]byte, error) {
	b = append(append(b, `{"body":`...), e.Body...)
	b = canonical.AppendString(append(b, `,"kind":`...), string(e.Kind))
	b = strconv.AppendInt(append(b, `,"n":`...), e.N, 10)
	b = hex.AppendEncode(append(b, `,"prev":"`...), e.Prev[:])
	b = append(b, '"')
	if e.Seen != nil {
		seen, err := e.Seen.Marshal()
		if err != nil {
			return nil, err
		}
		b = append(append(b, `,"seen":`...), seen...)
	}
	b = canonical.AppendString(append(b, `,"subject":`...), e.Subject)
	b = strconv.AppendInt(append(b, `,"v":`...), e.V, 10)
	return append(b, '}'), nil
}
