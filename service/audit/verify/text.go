package verify

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"kleroterion/randomness/beacon"
)

// at is a Unix second as people read it.
func at(unix int64) string { return time.Unix(unix, 0).UTC().Format("2006-01-02T15:04:05Z") }

// short is enough of a hash to compare it by eye.
func short(h beacon.Hash) string { return h.String()[:12] + "…" }

// count is a number with thousands set apart.
func count(n int64) string {
	digits := strconv.FormatInt(n, 10)
	var out []byte
	for i := range len(digits) {
		if left := len(digits) - i; i > 0 && left%3 == 0 {
			out = append(out, ',')
		}
		out = append(out, digits[i])
	}
	return string(out)
}

func plural(n int64, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return count(n) + " " + many
}

// few joins the first items and says how many more there are.
func few(items []string) string {
	const most = 12
	if len(items) <= most {
		return strings.Join(items, ", ")
	}
	return fmt.Sprintf("%s and %s more", strings.Join(items[:most], ", "), count(int64(len(items)-most)))
}

// each joins sentences, one for each draw or register.
func each(texts []string) string { return strings.Join(texts, "; ") }
