package web

import (
	"fmt"
	"math/big"

	"kleroterion/service/ratio"
)

// percent writes a fraction as it is and rounded: "3/5 (60 %)", "2/3 (about 67 %)".
func percent(r ratio.Ratio) string {
	hundred := new(big.Rat).Mul(r.Rat(), big.NewRat(100, 1))
	switch text := hundred.FloatString(0); {
	case !hundred.IsInt():
		return r.String() + " (about " + text + " %)"
	case r.Rat().IsInt():
		return text + " %"
	default:
		return r.String() + " (" + text + " %)"
	}
}

// decimal rounds a fraction to three places, for tables where the exact one would be too long.
func decimal(r ratio.Ratio) string { return r.Rat().FloatString(3) }

// bar is a row of parts in a picture 1,000 units wide.
type bar struct {
	Parts []part
	Line  int64  // a line across it, -1: none
	Text  string // what the picture shows, for who does not see it
}

type part struct {
	From, Wide int64
	Tone       string
	Text       string
}

const barWide = 1000

// along is where a fraction lies on a bar.
func along(r ratio.Ratio) int64 {
	at, _ := new(big.Int).SetString(new(big.Rat).Mul(r.Rat(), big.NewRat(barWide, 1)).FloatString(0), 10)
	return max(0, min(at.Int64(), barWide))
}

// add puts a part behind the others; r is where it ends. The end is rounded and not the width, so that
// no error adds up.
func (b *bar) add(end ratio.Ratio, tone, text string) {
	from := int64(0)
	if n := len(b.Parts); n > 0 {
		from = b.Parts[n-1].From + b.Parts[n-1].Wide
	}
	b.Parts = append(b.Parts, part{from, max(0, along(end)-from), tone, text})
	if b.Text != "" {
		b.Text += ", "
	}
	b.Text += text
}

// counted is the bar of yes and no among those who decided.
func counted(yes, no int64) bar {
	b := bar{Line: -1}
	if yes+no == 0 {
		return bar{Line: -1, Text: "no decisive ballot"}
	}
	b.add(ratio.New(yes, yes+no), "yes", fmt.Sprintf("yes %s", number(yes)))
	b.add(ratio.New(1, 1), "no", fmt.Sprintf("no %s", number(no)))
	return b
}
