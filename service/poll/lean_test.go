package poll

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"kleroterion/randomness/beacon"
	"kleroterion/randomness/canonical"
	"kleroterion/service/identity"
)

func TestUsualBallotsAreReadByTheirFixedParts(t *testing.T) {
	for _, mode := range []Mode{ModeOpen, ModeSealed} {
		h := newWorld(t, mode).open(t)
		for _, choice := range []string{yes, no, abstain} {
			body := must(canonical.Marshal(h.cast("cy", person("cy").member(), choice)))
			if _, ok := leanCast(body); !ok {
				t.Errorf("%s ballot %s goes the long way", mode, choice)
			}
		}
	}
}

// agree fails when the fast reading takes what the strict one refuses, or reads it otherwise.
func agree(t *testing.T, body []byte) {
	t.Helper()
	if fast, ok := leanCast(body); ok {
		strict, err := parseCastStrictly(body)
		if diff := cmp.Diff(strict, fast); err != nil || diff != "" {
			t.Fatalf("%q: %v, strict against fast:\n%s", body, err, diff)
		}
		agree(t, fast.Ballot)
	}
	if fast, ok := leanBallot(body); ok {
		strict, err := Cast{Ballot: body}.parseStrictly()
		if diff := cmp.Diff(strict, fast); err != nil || diff != "" {
			t.Fatalf("%q: %v, strict against fast:\n%s", body, err, diff)
		}
	}
}

// Each byte of a ballot is changed in many ways and left out: neither reading may take more than the other.
func TestChangedBallotsAreReadAlike(t *testing.T) {
	for _, mode := range []Mode{ModeOpen, ModeSealed} {
		h := newWorld(t, mode).open(t)
		body := must(canonical.Marshal(h.cast("cy", person("cy").member(), yes)))
		for at := range body {
			agree(t, append(bytes.Clone(body[:at]), body[at+1:]...))
			for _, c := range []byte("\"\\,A0/ \x80") {
				changed := bytes.Clone(body)
				changed[at] = c
				agree(t, changed)
				agree(t, append(append(bytes.Clone(body[:at]), c), body[at:]...))
			}
		}
	}
}

func FuzzCast(f *testing.F) {
	for _, mode := range []Mode{ModeOpen, ModeSealed} {
		h := newWorld(f, mode).open(f)
		c := h.cast("cy", person("cy").member(), yes)
		f.Add(must(canonical.Marshal(c)))
		f.Add([]byte(c.Ballot))
	}
	h := newWorld(f, ModeOpen).options().open(f)
	f.Add(must(canonical.Marshal(h.cast("cy", person("cy").member(), `{"ranking":[["ferry"]]}`))))
	f.Add([]byte(`{"ballot":{"choice":{"vote":"yes"},"poll":"` + strings.Repeat("0", 64) + `","v":1,"voter":"a"},"signature":{}}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		agree(t, body)
		c, err := ParseCast(body)
		if err != nil {
			return
		}
		if again, err := canonical.Marshal(c); err != nil || !bytes.Equal(again, body) {
			t.Fatalf("%q is written again as %q, %v", body, again, err)
		}
		if b, err := c.parse(); err == nil {
			if again, err := canonical.Marshal(b); err != nil || !bytes.Equal(again, c.Ballot) {
				t.Fatalf("%q is written again as %q, %v", c.Ballot, again, err)
			}
		}
	})
}

func TestUsualLinesOfARollAreReadByTheirFixedParts(t *testing.T) {
	h := newWorld(t, ModeOpen).open(t)
	line := bytes.TrimSuffix(bytes.SplitAfter(h.files[0], []byte("\n"))[0], []byte("\n"))
	if _, ok := leanLine(line); !ok {
		t.Fatalf("%s goes the long way", line)
	}
	for at := range line {
		agreeOnLine(t, append(bytes.Clone(line[:at]), line[at+1:]...))
		agreeOnLine(t, line[:at])
		for _, c := range []byte("\"\\,A0/ \x80") {
			changed := bytes.Clone(line)
			changed[at] = c
			agreeOnLine(t, changed)
			agreeOnLine(t, append(append(bytes.Clone(line[:at]), c), line[at:]...))
		}
	}
}

// agreeOnLine is agree for lines of a roll.
func agreeOnLine(t *testing.T, b []byte) {
	t.Helper()
	if fast, ok := leanLine(b); ok {
		strict, err := parseLineStrictly(b)
		if diff := cmp.Diff(strict, fast); err != nil || diff != "" {
			t.Fatalf("%q: %v, strict against fast:\n%s", b, err, diff)
		}
	}
}

func FuzzLineOfARoll(f *testing.F) {
	h := newWorld(f, ModeOpen).open(f)
	for _, file := range h.files {
		for line := range bytes.Lines(file) {
			f.Add(bytes.TrimSuffix(line, []byte("\n")))
		}
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		agreeOnLine(t, b)
		l, err := parseLine(b)
		if err != nil {
			return
		}
		if again, err := canonical.Marshal(l); err != nil || !bytes.Equal(again, b) {
			t.Fatalf("%q is written again as %q, %v", b, again, err)
		}
	})
}

func TestBallotsAndReceiptsHaveTheirCanonicalBytes(t *testing.T) {
	for _, mode := range []Mode{ModeOpen, ModeSealed} {
		c := newWorld(t, mode).open(t).cast("cy", person("cy").member(), yes)
		for _, s := range []identity.Signature{c.Signature, {}, {Signature: []byte{1}, ClientData: []byte{2}, AuthenticatorData: []byte{3}}} {
			c.Signature = s
			if got, want := must(c.CanonicalBody()), must(canonical.Marshal(c)); !bytes.Equal(got, want) {
				t.Errorf("got %s, want %s", got, want)
			}
		}
	}
	for _, r := range []Receipt{{}, {At: 1_800_000_000, Ballot: beacon.Hash{1}, Index: 7, Leaf: beacon.Hash{2}, Log: `log.example/"1"\é`, N: 3, Poll: beacon.Hash{4}, V: 1}} {
		if got, want := r.Canonical(), must(canonical.Marshal(r)); !bytes.Equal(got, want) {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

func TestKeysAreReadAlike(t *testing.T) {
	good := must(canonical.Marshal(person("cy").key()))
	if _, ok := leanKey(good); !ok {
		t.Fatalf("%s goes the long way", good)
	}
	for at := range good {
		for _, c := range []byte("\"\\,A0 \x80") {
			changed := bytes.Clone(good)
			changed[at] = c
			var strict identity.Key
			err := canonical.Unmarshal(changed, &strict)
			if fast, ok := leanKey(changed); ok && (err != nil || !fast.Equal(strict)) {
				t.Fatalf("%s: %v", changed, err)
			}
		}
	}
}
