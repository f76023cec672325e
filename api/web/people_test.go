package web

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"kleroterion/randomness/beacon"
	"kleroterion/randomness/register"
	"kleroterion/randomness/sortition"
)

// shelf is a register's public file, and counts how often it is read.
type shelf struct {
	Lists
	file string
	err  error
	read int
}

func (s *shelf) RegisterFile(_ context.Context, _ beacon.Hash, w io.Writer) (int64, error) {
	s.read++
	n, err := io.WriteString(w, s.file)
	return int64(n), errors.Join(err, s.err)
}

func list(t *testing.T, n int) string {
	t.Helper()
	var b strings.Builder
	for i := range n {
		e := register.Entry{ID: [32]byte{byte(i >> 8), byte(i)}, Features: map[string]string{"age": []string{"16-29", "30+"}[i%2], "district": []string{"north", "south", "west"}[i%3]}}
		line, err := e.Line()
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&b, "%s\n", line)
	}
	return b.String()
}

func TestPeopleAreCountedOnceByStratum(t *testing.T) {
	s := &shelf{file: list(t, 60)}
	p := newPeople(s)
	m := &sortition.Manifest{StrataBy: []string{"district", "age"}, Register: sortition.RegisterRef{Size: 60}}
	want := map[string]int64{}
	for _, name := range []string{"north/16-29", "north/30+", "south/16-29", "south/30+", "west/16-29", "west/30+"} {
		want[name] = 10
	}
	for range 3 {
		got, err := p.of(t.Context(), m)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("people (-want +got):\n%s", diff)
		}
	}
	if s.read != 1 {
		t.Errorf("the file was read %d times", s.read)
	}
}

func TestPeopleOfASimpleDrawNeedNoCount(t *testing.T) {
	s := &shelf{}
	got, err := newPeople(s).of(t.Context(), &sortition.Manifest{Register: sortition.RegisterRef{Size: 5_000_000}})
	if err != nil || got[""] != 5_000_000 || s.read != 0 {
		t.Errorf("got %v %v after %d reads", got, err, s.read)
	}
}

func TestPeopleThatCannotBeCounted(t *testing.T) {
	by := []string{"age"}
	long := &sortition.Manifest{StrataBy: by, Register: sortition.RegisterRef{Size: maxCounted + 1}}
	s := &shelf{file: list(t, 10)}
	if got, err := newPeople(s).of(t.Context(), long); got != nil || err != nil || s.read != 0 {
		t.Errorf("a list that is too long: %v %v after %d reads", got, err, s.read)
	}
	short := &sortition.Manifest{StrataBy: by, Register: sortition.RegisterRef{Size: 10}}
	for name, s := range map[string]*shelf{
		"a file that breaks off": {file: list(t, 5), err: errors.New("disk")},
		"a line that is none":    {file: list(t, 5) + "{}\n" + list(t, 5)},
	} {
		p := newPeople(s)
		if got, err := p.of(t.Context(), short); err == nil {
			t.Errorf("%s: counted as %v", name, got)
		}
		s.file, s.err = list(t, 10), nil
		if got, err := p.of(t.Context(), short); err != nil || got["30+"] != 5 {
			t.Errorf("%s, and later whole: %v %v", name, got, err)
		}
	}
}

func TestKeptCountsAreBounded(t *testing.T) {
	s := &shelf{file: list(t, 2)}
	p := newPeople(s)
	for i := range maxKept + 50 {
		m := &sortition.Manifest{StrataBy: []string{"age"}, Register: sortition.RegisterRef{Root: beacon.Hash{byte(i), byte(i >> 8)}, Size: 2}}
		if _, err := p.of(t.Context(), m); err != nil {
			t.Fatal(err)
		}
	}
	if len(p.kept) != maxKept {
		t.Errorf("%d counts are kept, want %d", len(p.kept), maxKept)
	}
}
