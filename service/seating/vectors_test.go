package seating_test

import (
	"encoding/json"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"

	"kleroterion/randomness/canonical"
	"kleroterion/randomness/sortition"
	"kleroterion/service/seating"
)

// vectors is docs/spec/vectors/seats.json, which testdata/seats.py wrote.
type vectors struct {
	Subject   string           `json:"subject"`
	Result    sortition.Result `json:"result"`
	Open      seating.Open     `json:"open"`
	Histories []history        `json:"histories"`
	Refused   []refused        `json:"refused"`
}

type history struct {
	Name  string            `json:"name"`
	Moves []json.RawMessage `json:"moves"`
	Seats []seating.Seat    `json:"seats"`
	DueAt int64             `json:"due_at"`
	Due   []json.RawMessage `json:"due"`
}

type refused struct {
	Name  string            `json:"name"`
	Moves []json.RawMessage `json:"moves"`
	Rule  string            `json:"rule"`
}

func readVectors(t *testing.T) (v vectors) {
	t.Helper()
	b, err := os.ReadFile("../../docs/spec/vectors/seats.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(b, &v); err != nil {
		t.Fatal(err)
	}
	if len(v.Histories) < 10 || len(v.Refused) < 20 {
		t.Fatalf("only %d histories and %d refusals", len(v.Histories), len(v.Refused))
	}
	return v
}

func (v vectors) jury(t *testing.T) *seating.Jury {
	t.Helper()
	j, err := seating.New(v.Subject, v.Result, digest(t, v.Result), v.Open, false)
	if err != nil {
		t.Fatal(err)
	}
	return j
}

// play reads and applies moves, and returns the first refusal.
func play(t *testing.T, j *seating.Jury, moves []json.RawMessage) error {
	t.Helper()
	for _, raw := range moves {
		b, err := canonical.Transform(raw)
		if err != nil {
			t.Fatal(err)
		}
		m, err := seating.ParseMove(b)
		if err != nil {
			return err
		}
		if err := j.Apply(m); err != nil {
			return err
		}
	}
	return nil
}

func TestVectorsOfHistories(t *testing.T) {
	v := readVectors(t)
	for _, h := range v.Histories {
		t.Run(h.Name, func(t *testing.T) { h.check(t, v.jury(t)) })
	}
}

func (h history) check(t *testing.T, j *seating.Jury) {
	if err := play(t, j, h.Moves); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(h.Seats, j.Seats()); diff != "" {
		t.Error(diff)
	}
	due := j.Due(h.DueAt)
	want := []string{}
	for _, raw := range h.Due {
		b, err := canonical.Transform(raw)
		if err != nil {
			t.Fatal(err)
		}
		want = append(want, string(b))
	}
	if diff := cmp.Diff(want, texts(t, due)); diff != "" {
		t.Error(diff)
	}
	apply(t, j, due...)
	if again := j.Due(h.DueAt); len(again) > 0 {
		t.Errorf("due again: %v", again)
	}
}

func texts(t *testing.T, moves []seating.Move) []string {
	t.Helper()
	out := []string{}
	for _, m := range moves {
		b, err := m.Canonical()
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, string(b))
	}
	return out
}

func TestVectorsOfRefusals(t *testing.T) {
	v := readVectors(t)
	for _, h := range v.Refused {
		t.Run(h.Name, func(t *testing.T) { h.check(t, v.jury(t)) })
	}
}

func (h refused) check(t *testing.T, j *seating.Jury) {
	last := len(h.Moves) - 1
	if err := play(t, j, h.Moves[:last]); err != nil {
		t.Fatal(err)
	}
	if err := play(t, j, h.Moves[last:]); rule(err) != h.Rule {
		t.Errorf("got %v, want %s", err, h.Rule)
	}
}
