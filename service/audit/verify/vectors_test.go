package verify

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"kleroterion/randomness/sortition"
	"kleroterion/service/audit"
	"kleroterion/service/audit/bundle"
	"kleroterion/service/poll"
)

var update = flag.Bool("update", false, "write the bundles under docs/spec/vectors/bundles anew")

const vectorsDir = "../../../docs/spec/vectors/bundles"

// vector is a sample bundle for every verifier: which checks fail by themselves, if it can be read.
type vector struct {
	name   string
	bytes  []byte
	failed []int // checks that fail by themselves, under policy.txt beside the bundles
	broken bool  // cannot be read
}

func vectors(t *testing.T) []vector {
	of := func(build func(*scene)) []byte {
		s := newScene(t)
		s.begin()
		build(s)
		return s.pack()
	}
	one := func(s *scene) { s.open(1000, 123, nil); s.outcome(1000, nil) }
	honest := of(one)
	flipped := bytes.Clone(honest)
	flipped[len(flipped)/3] ^= 1
	return slices.Concat(pollVectors(t), roundVectors(t), panelVectors(t), []vector{
		{name: "good.klero", bytes: honest},
		{name: "good-voided-in-time.klero", bytes: of(func(s *scene) {
			s.open(1000, 123, nil)
			s.void(123, false)
			s.open(657413, 123, nil)
			s.outcome(657413, nil)
		})},
		{name: "good-rehearsal.klero", bytes: rehearsal(t)},
		{name: "bad-1-flipped-byte.klero", bytes: flipped, failed: []int{1, 5}},
		{name: "bad-2-foreign-log.klero", bytes: foreign(t), failed: []int{2}},
		{name: "bad-3-changed-record.klero", bytes: changed(t, func(c *bundle.Contents) {
			c.Entries[0].Record = bytes.Replace(c.Entries[0].Record, []byte("Example"), []byte("Elsewhe"), 1)
		}), failed: []int{3}},
		{name: "bad-4-record-left-out.klero", bytes: changed(t, func(c *bundle.Contents) { c.Entries = slices.Delete(c.Entries, 2, 3) }), failed: []int{4}},
		{name: "bad-5-swapped-register.klero", bytes: changed(t, swapRegister), failed: []int{1, 5}},
		{name: "bad-6-register-after-draw.klero", bytes: late(t), failed: []int{6}},
		{name: "bad-7-picked-round.klero", bytes: of(func(s *scene) {
			s.open(1000, 123, func(m *sortition.Manifest) { m.DrawTime -= 30 })
			s.outcome(1000, nil)
		}), failed: []int{7}},
		{name: "bad-8-opened-when-known.klero", bytes: of(func(s *scene) { s.open(1000, 1000, nil); s.outcome(1000, nil) }), failed: []int{8}},
		{name: "bad-9-no-beacon.klero", bytes: changed(t, func(c *bundle.Contents) { c.Beacons = nil }), failed: []int{9}},
		{name: "bad-10-another-seat.klero", bytes: of(func(s *scene) {
			s.open(1000, 123, nil)
			s.outcome(1000, func(r *sortition.Result, _ *audit.DrawResult) {
				r.Strata[0].Seats[2], r.Strata[0].Alternates[0] = r.Strata[0].Alternates[0], r.Strata[0].Seats[2]
			})
		}), failed: []int{10}},
		{name: "bad-11-late-void.klero", bytes: of(func(s *scene) {
			s.open(1000, 123, nil)
			s.void(1000, true)
			s.open(657413, 1000, nil)
			s.outcome(657413, nil)
		}), failed: []int{11}},
		{name: "bad-11-redraw.klero", bytes: of(func(s *scene) {
			one(s)
			s.open(657413, 1000, nil)
			s.outcome(657413, nil)
		}), failed: []int{11}},
		{name: "unreadable-cut-off.klero", bytes: honest[:len(honest)-100], broken: true},
		{name: "unreadable-added-bytes.klero", bytes: append([]byte("added"), honest...), broken: true},
	})
}

// pollVectors are polls on a dev chain: some of the falsehoods that this package's own tests try.
func pollVectors(t *testing.T) []vector {
	list := []vector{{name: "poll-good-rehearsal.klero", bytes: polled(t).packPoll()}}
	files := map[string]string{
		"a ballot left out":                   "poll-bad-3-ballot-left-out-rehearsal.klero",
		"an admission by one attester of two": "poll-bad-5-one-attester-of-two-rehearsal.klero",
		"somebody seated out of order":        "poll-bad-7-seated-out-of-order-rehearsal.klero",
		"a jury with half its share":          "poll-bad-8-half-the-jurys-share-rehearsal.klero",
		"no jury, which the charter requires": "poll-bad-8-no-jury-rehearsal.klero",
		"a ballot by a stranger":              "poll-bad-9-ballot-by-a-stranger-rehearsal.klero",
		"the beacon of another round":         "poll-bad-10-another-round-rehearsal.klero",
		"one vote changed in the transcript":  "poll-bad-11-one-vote-changed-rehearsal.klero",
		"the outcome flipped":                 "poll-bad-12-outcome-flipped-rehearsal.klero",
		"a late void":                         "poll-bad-12-late-void-rehearsal.klero",
	}
	for _, m := range mutants() {
		if name, ok := files[m.name]; ok {
			list = append(list, vector{name: name, bytes: m.make(begun(t, nil)), failed: m.fails})
		}
	}
	if len(list) != len(files)+1 {
		t.Fatalf("%d of %d falsehoods found", len(list)-1, len(files))
	}
	return list
}

// roundVectors are funding rounds on a dev chain: some of the falsehoods that this package's own tests try.
func roundVectors(t *testing.T) []vector {
	list := []vector{
		{name: "round-good-rehearsal.klero", bytes: spring(t, poll.ModeOpen).through(applied, paid).packRound()},
		{name: "round-good-sealed-rehearsal.klero", bytes: spring(t, poll.ModeSealed).through(applied, paid).packRound()},
		{name: "round-good-jury-rehearsal.klero", bytes: juried(t).through(counted1, paid).packRound()},
	}
	files := map[string]string{
		"a gift left out":                             "round-bad-3-gift-left-out-rehearsal.klero",
		"an appeal decided by who decided before":     "round-bad-6-appeal-decided-by-the-same-rehearsal.klero",
		"a gift signed by another":                    "round-bad-7-gift-signed-by-another-rehearsal.klero",
		"an amount moved from one project to another": "round-bad-10-amount-moved-rehearsal.klero",
		"a correction that changes nothing":           "round-bad-11-nothing-corrected-rehearsal.klero",
		"paid above the version":                      "round-bad-12-paid-too-much-rehearsal.klero",
		"a donor too many on the roll":                "round-bad-13-donor-too-many-rehearsal.klero",
	}
	for _, f := range falseRounds() {
		if name, ok := files[f.name]; ok {
			list = append(list, vector{name: name, bytes: f.make(spring(t, poll.ModeOpen)), failed: f.fails})
		}
	}
	if len(list) != len(files)+3 {
		t.Fatalf("%d of %d falsehoods found", len(list)-3, len(files))
	}
	return list
}

// panelVectors are draws over panels, and polls with a jury from one.
func panelVectors(t *testing.T) []vector {
	gap := newPanelled(t)
	gap.weaker()
	jury := beneath(t)
	jury.openPoll(jury.question(), nil)
	jury.finishPoll()
	list := []vector{
		{name: "panels-good.klero", bytes: newPanelled(t).through().pack()},
		{name: "panels-good-proof-with-a-gap.klero", bytes: gap.through().pack()},
		{name: "poll-good-jury-from-a-panel-rehearsal.klero", bytes: jury.packPoll()},
		{name: "poll-bad-7-panel-seat-out-of-order-rehearsal.klero", bytes: panelMutants()[0].make(beneath(t)), failed: []int{7}},
	}
	files := map[string]string{
		"a list left out":                        "panels-bad-10-list-left-out.klero",
		"a flipped byte of the list":             "panels-bad-1-flipped-byte-of-the-list.klero",
		"two people exchanged between panels":    "panels-bad-10-two-people-exchanged.klero",
		"a quota loosened":                       "panels-bad-10-quota-loosened.klero",
		"somebody excluded more":                 "panels-bad-10-somebody-excluded-more.klero",
		"another panel":                          "panels-bad-10-another-panel.klero",
		"a false list of a draw that was voided": "panels-bad-10-false-list-of-a-void-draw.klero",
		"a false list of a draw that is open":    "panels-bad-10-false-list-of-an-open-draw.klero",
	}
	for _, f := range falseLotteries() {
		if name, ok := files[f.name]; ok {
			list = append(list, vector{name: name, bytes: f.make(newPanelled(t)), failed: f.fails})
		}
	}
	if len(list) != len(files)+4 {
		t.Fatalf("%d of %d falsehoods found", len(list)-4, len(files))
	}
	return list
}

func rehearsal(t *testing.T) []byte {
	s := newScene(t)
	s.rehearse()
	s.begin()
	s.open(1000, 123, nil)
	s.outcome(1000, nil)
	return s.pack()
}

func changed(t *testing.T, change func(*bundle.Contents)) []byte {
	s := good(t)
	c := s.contents(s.note())
	change(&c)
	return packed(t, c)
}

// swapRegister replaces one person's line by another's, and lets the index agree.
func swapRegister(c *bundle.Contents) {
	r, err := c.Blobs[0].Open()
	if err != nil {
		panic(err)
	}
	var data bytes.Buffer
	if _, err := data.ReadFrom(r); err != nil {
		panic(err)
	}
	c.Blobs[0] = blobOf(bytes.Replace(data.Bytes(), []byte("north"), []byte("south"), 1))
}

// foreign is signed by a key that the policy beside the bundles does not have.
func foreign(t *testing.T) []byte {
	return changed(t, func(c *bundle.Contents) {
		for i, e := range c.Entries {
			c.Entries[i].Proof = bytes.ReplaceAll(e.Proof, []byte(origin), []byte("log.elsewh/kleroterion"))
		}
	})
}

func late(t *testing.T) []byte {
	s := newScene(t)
	s.city()
	s.open(1000, 123, nil)
	s.freeze(s.commitment())
	s.outcome(1000, nil)
	return s.pack()
}

func TestBundleVectors(t *testing.T) {
	list := vectors(t)
	if *update {
		writeVectors(t, list)
	}
	want := map[string]bool{"policy.txt": true, "expect.json": true}
	if got, err := os.ReadFile(filepath.Join(vectorsDir, "expect.json")); err != nil || !bytes.Equal(got, expectations(t, list)) {
		t.Errorf("expect.json differs, %v", err)
	}
	for _, v := range list {
		want[v.name] = true
		t.Run(v.name, func(t *testing.T) {
			b, err := os.ReadFile(filepath.Join(vectorsDir, v.name))
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(b, v.bytes) {
				t.Error("the committed file is not what this package makes; compare, then run with -update")
			}
			checkVector(t, v, b)
		})
	}
	found, err := os.ReadDir(vectorsDir)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range found {
		if !want[f.Name()] {
			t.Errorf("%s is no vector", f.Name())
		}
	}
}

func checkVector(t *testing.T, v vector, b []byte) {
	t.Helper()
	pol, err := os.ReadFile(filepath.Join(vectorsDir, "policy.txt"))
	if err != nil {
		t.Fatal(err)
	}
	opened, err := bundle.Open(bytes.NewReader(b), int64(len(b)))
	if v.broken {
		if err == nil {
			t.Error("it is read")
		}
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	r, err := Bundle(t.Context(), opened, Options{Policy: policyOf(t, string(pol))})
	if err != nil {
		t.Fatal(err)
	}
	if got := failed(r); !slices.Equal(got, v.failed) || r.OK != (len(v.failed) == 0) {
		t.Errorf("failed %v, want %v:\n%s", got, v.failed, text(t, r))
	}
	if r.Rehearsal != strings.Contains(v.name, "rehearsal") {
		t.Errorf("rehearsal %t", r.Rehearsal)
	}
}

func writeVectors(t *testing.T, list []vector) {
	t.Helper()
	if err := os.MkdirAll(vectorsDir, 0o755); err != nil {
		t.Fatal(err)
	}
	list = append(list, vector{name: "policy.txt", bytes: []byte(logPolicy())}, vector{name: "expect.json", bytes: expectations(t, list)})
	for _, v := range list {
		if err := os.WriteFile(filepath.Join(vectorsDir, v.name), v.bytes, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// expectations is expect.json: what a verifier in any language must find.
func expectations(t *testing.T, list []vector) []byte {
	t.Helper()
	type row struct {
		File       string `json:"file"`
		Unreadable bool   `json:"unreadable,omitempty"`
		OK         bool   `json:"ok"`
		Rehearsal  bool   `json:"rehearsal,omitempty"`
		Failed     []int  `json:"failed"` // by themselves; what needs them is not checked
	}
	out := struct {
		About   string `json:"about"`
		Bundles []row  `json:"bundles"`
	}{About: "What klero-verify --policy policy.txt finds in each bundle. failed: the checks that fail by themselves; a check that needs one of them fails as not checked."}
	for _, v := range list {
		failed := append([]int{}, v.failed...)
		out.Bundles = append(out.Bundles, row{File: v.name, Unreadable: v.broken, OK: len(failed) == 0 && !v.broken,
			Rehearsal: strings.Contains(v.name, "rehearsal"), Failed: failed})
	}
	b, err := json.MarshalIndent(out, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	return append(b, '\n')
}
