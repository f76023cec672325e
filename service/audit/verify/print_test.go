package verify

import (
	"errors"
	"strings"
	"testing"
)

func TestReportForPeople(t *testing.T) {
	r := Report{Subject: "city/lisboa/jury/1", Of: "file", NotShown: []string{"that the residents exist"}, Checks: []Check{
		{No: 1, Name: "files match their digests", OK: true, Evidence: "14 files"},
		{No: 10, Name: "draw recomputed", Evidence: "seat 12"},
	}}
	const want = `city/lisboa/jury/1
 1 files match their digests          ok   14 files
10 draw recomputed                    FAIL seat 12
Not shown by this file:
   - that the residents exist
1 of 2 checks FAILED: do not rely on this result.
`
	if got := text(t, r); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	r.OK, r.Checks = true, r.Checks[:1]
	if got := text(t, r); !strings.HasSuffix(got, "\nAll 1 checks hold.\n") {
		t.Errorf("got\n%s", got)
	}
}

func TestReportAsJSON(t *testing.T) {
	r := Report{OK: true, Subject: "a", Of: "file", NotShown: []string{"b"}, Checks: []Check{{No: 1, Name: "n", OK: true, Evidence: "e"}}}
	var got strings.Builder
	if err := FprintJSON(&got, r); err != nil {
		t.Fatal(err)
	}
	const want = `{"ok":true,"checks":[{"no":1,"name":"n","ok":true,"evidence":"e"}],"not_shown":["b"],"subject":"a"}` + "\n"
	if got.String() != want {
		t.Errorf("got %s, want %s", got.String(), want)
	}
}

// What a hostile bundle says cannot draw on the auditor's terminal or hide a line.
func TestReportHasNoControlCharacters(t *testing.T) {
	r := Report{Subject: "a", Of: "file", NotShown: []string{"x\n 9 beacon verified ok"}, Checks: []Check{
		{No: 1, Name: "n", Evidence: "\x1b[2J\x1b[1;1H 1 ok\r\nall \u202eko\u2069\u2028 \u0085 fine"},
	}}
	got := text(t, r)
	if strings.ContainsAny(got, "\x1b\r\u202e\u2069\u2028\u0085") || strings.Count(got, "\n") != 5 {
		t.Errorf("got %q", got)
	}
}

type full struct{}

func (full) Write([]byte) (int, error) { return 0, errDisk }

func TestFprintReportsAFullDisk(t *testing.T) {
	if err := Fprint(full{}, Report{}); !errors.Is(err, errDisk) {
		t.Errorf("got %v, want the disk's error", err)
	}
}

func TestCountsAndTimesForPeople(t *testing.T) {
	for n, want := range map[int64]string{0: "0", 12: "12", 999: "999", 1000: "1,000", 1234567: "1,234,567"} {
		if got := count(n); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
	if got := at(1692806364); got != "2023-08-23T15:59:24Z" {
		t.Errorf("got %s", got)
	}
	if got := few(strings.Split(strings.Repeat("a ", 14)+"a", " ")); got != strings.Repeat("a, ", 11)+"a and 3 more" {
		t.Errorf("got %s", got)
	}
}

func TestBroughtRefuses(t *testing.T) {
	vkey, _, _ := keyOf(origin, 1)
	wkey, _, _ := keyOf(origin, 4)
	for name, b := range map[string]Brought{
		"a policy and a key":    {Policy: []byte(logPolicy()), LogKey: vkey},
		"a policy that is none": {Policy: []byte("trust\n")},
		"an empty policy":       {Policy: []byte{}},
		"a witness's key":       {LogKey: wkey},
		"no key":                {LogKey: "log.example"},
		"no chain":              {ChainInfo: []byte("{}")},
	} {
		if _, err := b.Options(); err == nil {
			t.Errorf("%s is accepted", name)
		}
	}
}

func TestBroughtIsRead(t *testing.T) {
	s := newScene(t)
	quick := s.chain
	s.rehearse()
	vkey, _, _ := keyOf(origin, 1)
	o, err := Brought{LogKey: vkey, ChainInfo: s.chain.InfoV1()}.Options()
	if err != nil {
		t.Fatal(err)
	}
	if _, ok := o.Chains.Lookup(s.chain.Hash); !ok || o.Policy.Logs()[0].Key.String() != vkey {
		t.Errorf("options %+v", o)
	}
	if _, ok := o.Chains.Lookup(quick.Hash); !ok {
		t.Error("the pinned chains are lost")
	}
	o, err = Brought{Policy: []byte(logPolicy()), ChainInfo: quick.InfoV2()}.Options()
	if err != nil || o.Policy == nil {
		t.Errorf("options %+v, %v", o, err)
	}
}
