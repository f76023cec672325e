package web

import (
	"fmt"
	"math/big"

	"kleroterion/randomness/sortition/panels"
	"kleroterion/service"
)

func between(least, most int64) string {
	if least == most {
		return number(least)
	}
	return number(least) + " to " + number(most)
}

func fairness(m panels.Method) string {
	switch m {
	case panels.Leximin:
		return "The lowest chance is as high as it can be, then the next lowest, and so on."
	case panels.Maximin:
		return "The lowest chance is as high as it can be."
	case panels.Nash:
		return "The product of everybody's chances is as high as it can be."
	case panels.Goldilocks:
		return "Nobody's chance is much lower or much higher than the others' where that can be helped."
	}
	return ""
}

// proofWords says what the certificate proves.
func proofWords(l service.Lottery) string {
	if l.Proved {
		return "Proved: no list of panels is fairer. The certificate is in the file, in whole numbers that anyone can add up."
	}
	gap, ok := new(big.Rat).SetString(l.Gap)
	if !ok {
		return "Not proved to the end."
	}
	return "Not proved to the end: what is left open is at most " + gap.FloatString(6) + "."
}

// chances says how many panels people in the pool are on.
func chances(lowest, highest, count int64) string {
	if lowest == highest {
		return fmt.Sprintf("Every person in the pool is on %s of the %s.", number(lowest), plural(count, "panel", "panels"))
	}
	text := fmt.Sprintf("Every person in the pool is on %s to %s of the %s.", number(lowest), number(highest), plural(count, "panel", "panels"))
	if lowest == 0 {
		text += " Who is on none of them cannot be drawn. The report says what limits the chances."
	}
	return text
}

// balanceWords says how near the people in office are to the quotas.
func balanceWords(b *service.Balance) (text, tone string) {
	switch {
	case b == nil:
		return "", ""
	case b.Broken == 0 && b.Cost == 0:
		return "With the people who have a seat or an offer now, all quotas are met.", "good"
	}
	cost := new(big.Rat).SetFrac64(b.Cost, 1000).FloatString(2)
	return fmt.Sprintf("With the people who have a seat or an offer now, %s not met. To meet all, the quotas would have to be moved by about %s seats. The rule asks whoever brings that down most.",
		broken(b.Broken), cost), "warn"
}

func broken(n int64) string {
	if n == 1 {
		return "1 quota is"
	}
	return number(n) + " quotas are"
}
