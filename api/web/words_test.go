package web

import (
	"testing"
	"time"
)

func TestNumber(t *testing.T) {
	for n, want := range map[int64]string{0: "0", 7: "7", 999: "999", 1000: "1,000", 1234567: "1,234,567", -45000: "−45,000", 100: "100"} {
		if got := number(n); got != want {
			t.Errorf("number(%d) = %q, want %q", n, got, want)
		}
	}
}

func TestChance(t *testing.T) {
	for _, tt := range []struct {
		seats, people int64
		want          string
	}{
		{0, 100, "none"}, {1, 0, "unknown"}, {5, 5, "everyone is drawn"}, {6, 5, "everyone is drawn"},
		{1, 2, "about 1 in 2.0"}, {2, 3, "about 1 in 1.5"}, {3, 20, "about 1 in 6.7"}, {1, 10, "about 1 in 10"},
		{2, 31, "about 1 in 16"}, {51, 20000, "about 1 in 392"}, {12, 4_300_000, "about 1 in 358,333"},
	} {
		if got := chance(tt.seats, tt.people); got != tt.want {
			t.Errorf("chance(%d, %d) = %q, want %q", tt.seats, tt.people, got, tt.want)
		}
	}
}

func TestSpan(t *testing.T) {
	for d, want := range map[time.Duration]string{
		time.Second: "1 second", 59 * time.Second: "59 seconds", time.Minute: "1 minute", 61 * time.Minute: "1 hour and 1 minute",
		24 * time.Hour: "1 day and 0 hours", 3*24*time.Hour + 4*time.Hour + 59*time.Minute: "3 days and 4 hours",
	} {
		if got := span(d); got != want {
			t.Errorf("span(%s) = %q, want %q", d, got, want)
		}
	}
}

func TestEveryStatusHasWords(t *testing.T) {
	for _, name := range []string{"scheduled", "due", "late", "halted", "verified", "drawn", "void"} {
		s := statusOf(name)
		if s.Badge == "" || s.Badge == name || s.Sentence == "" || s.Tone == "" {
			t.Errorf("status %s: %+v", name, s)
		}
	}
	if s := statusOf("fetched"); s.Badge != "fetched" || s.Sentence != "" {
		t.Errorf("a status of a later version: %+v", s)
	}
}

func TestDecision(t *testing.T) {
	for subject, want := range map[string]string{
		"city/example/jury/park": "park", "city/example/jury/park/jury/2": "park/jury/2", "something/else": "something/else",
	} {
		if got := decisionOf(subject); got != want {
			t.Errorf("decisionOf(%q) = %q, want %q", subject, got, want)
		}
	}
}
