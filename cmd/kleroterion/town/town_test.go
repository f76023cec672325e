package town_test

import (
	"bytes"
	"crypto/rand"
	"errors"
	"io"
	"testing"

	"kleroterion/cmd/kleroterion/town"
	"kleroterion/randomness/register"
)

func TestTownImportsWithoutAProblem(t *testing.T) {
	var file bytes.Buffer
	if err := town.Write(&file, [32]byte{1}, 5000); err != nil {
		t.Fatal(err)
	}
	m, err := register.ParseMapping([]byte(town.Mapping))
	if err != nil {
		t.Fatal(err)
	}
	rows, err := register.NewImporter(&file, register.Options{Mapping: &m, Entropy: rand.Reader})
	if err != nil {
		t.Fatal(err)
	}
	for err == nil {
		_, err = rows.Next()
	}
	report := rows.Report(5)
	if !errors.Is(err, io.EOF) || !report.OK || report.Rows != 5000 {
		t.Errorf("got %v, %d rows, problems %v", err, report.Rows, report.ProblemCounts)
	}
	if len(report.Cells) != 20 || len(report.SmallCells) != 0 || report.Households.Largest < 3 {
		t.Errorf("got %d cells, %d of them small, households %+v", len(report.Cells), len(report.SmallCells), report.Households)
	}
}

func TestTownIsTheSameForTheSameSeed(t *testing.T) {
	var a, b, c bytes.Buffer
	for _, x := range []struct {
		w    io.Writer
		seed byte
	}{{&a, 1}, {&b, 1}, {&c, 2}} {
		if err := town.Write(x.w, [32]byte{x.seed}, 300); err != nil {
			t.Fatal(err)
		}
	}
	if !bytes.Equal(a.Bytes(), b.Bytes()) {
		t.Error("one seed gave two towns")
	}
	if bytes.Equal(a.Bytes(), c.Bytes()) {
		t.Error("two seeds gave one town")
	}
}
