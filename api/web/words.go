package web

import (
	"fmt"
	"html/template"
	"strconv"
	"strings"
	"time"
)

// words are the functions that templates use to say things.
func words() template.FuncMap {
	return template.FuncMap{
		"number": number, "date": date, "iso": iso, "status": statusOf, "chance": chance, "plural": plural, "name": stratumWords, "short": short, "decision": decisionOf,
		"seconds": seconds, "percent": percent, "pollStatus": pollStatusOf, "question": questionOf, "methodText": methodWords,
		"roundStatus": roundStatusOf, "projectState": projectStateOf, "money": money,
	}
}

// number writes 1234567 as 1,234,567.
func number(n int64) string {
	text := strconv.FormatInt(n, 10)
	sign := ""
	if n < 0 {
		sign, text = "−", text[1:]
	}
	return sign + grouped(text)
}

func plural(n int64, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return number(n) + " " + many
}

func date(unix int64) string { return time.Unix(unix, 0).UTC().Format("2 January 2006, 15:04:05 UTC") }

func iso(unix int64) string { return time.Unix(unix, 0).UTC().Format(time.RFC3339) }

// span says a length of time in its two largest units.
func span(d time.Duration) string {
	minutes := int64(d / time.Minute)
	days, hours, minutes := minutes/1440, minutes/60%24, minutes%60
	switch {
	case days > 0:
		return plural(days, "day", "days") + " and " + plural(hours, "hour", "hours")
	case hours > 0:
		return plural(hours, "hour", "hours") + " and " + plural(minutes, "minute", "minutes")
	case minutes > 0:
		return plural(minutes, "minute", "minutes")
	}
	return plural(int64(d/time.Second), "second", "seconds")
}

// status is a draw's status in words: a badge and a sentence.
type status struct{ Badge, Tone, Sentence string }

func statusOf(name string) status {
	switch name {
	case "scheduled":
		return status{"Scheduled", "wait", "Everything is fixed and public. The draw happens when the public random number of its time appears."}
	case "due":
		return status{"Due now", "wait", "Its time has come. The service is fetching the public random number."}
	case "late":
		return status{"Late", "warn", "The public random number is late. The draw waits for exactly this number and will not use another."}
	case "halted":
		return status{"Waiting", "warn", "The public random network stands still. The draw waits for exactly this number, however long it takes."}
	case "verified":
		return status{"Drawing", "wait", "The public random number is there and was checked. The draw is being computed."}
	case "drawn":
		return status{"Drawn", "good", "The draw is over. Anyone can check the result below."}
	case "void":
		return status{"Void", "bad", "This draw was ended without a result. It stays on record with its reason."}
	}
	return status{name, "wait", ""}
}

// chance says how likely it is to be drawn where seats go to people by lot.
func chance(seats, people int64) string {
	switch {
	case people <= 0:
		return "unknown"
	case seats == 0:
		return "none"
	case seats >= people:
		return "everyone is drawn"
	case people/seats >= 10:
		return "about 1 in " + number((people+seats/2)/seats)
	}
	tenths := (10*people + seats/2) / seats
	return fmt.Sprintf("about 1 in %d.%d", tenths/10, tenths%10)
}

// stratumWords names a stratum; the one of a simple draw has no name.
func stratumWords(name string) string {
	if name == "" {
		return "Everyone"
	}
	return strings.ReplaceAll(name, "/", " · ")
}

// short is the beginning of a hash, for places where it only has to be recognised.
func short(hash string) string { return hash[:min(len(hash), 12)] + "…" }
