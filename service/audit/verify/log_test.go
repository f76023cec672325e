package verify

import (
	"context"
	"encoding/binary"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"testing"

	"kleroterion/randomness/beacon"
	"kleroterion/service/audit"
	"kleroterion/service/audit/checkpoint"
)

// files is a published log in memory.
type files map[string][]byte

func (f files) Read(ctx context.Context, name string) ([]byte, error) {
	b, ok := f[name]
	if !ok {
		return nil, fmt.Errorf("%s: %w", name, fs.ErrNotExist)
	}
	return b, ctx.Err()
}

// publish lays the scene out as its public files.
func (s *scene) publish() files {
	s.t.Helper()
	f := files{"checkpoint": s.note(), "policy.txt": []byte(logPolicy())}
	for from := 0; from < len(s.entries); from += tileWidth {
		list := s.entries[from:min(from+tileWidth, len(s.entries))]
		f[tilePath(int64(from/tileWidth), len(list))] = tileOf(list)
	}
	for _, c := range s.devs {
		f["chains/"+c.Hash.String()+".json"] = c.InfoV2()
	}
	return f
}

func tileOf(list [][]byte) []byte {
	var b []byte
	for _, e := range list {
		b = append(binary.BigEndian.AppendUint16(b, uint16(len(e))), e...)
	}
	return b
}

func checkLog(t testing.TB, src Source, opts Options) Report {
	t.Helper()
	r, err := Log(t.Context(), src, opts)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestAnHonestLogHolds(t *testing.T) {
	s := good(t)
	for range 600 {
		s.beat(1000)
	}
	r := checkLog(t, s.publish(), brought(t))
	if !r.OK || len(r.Checks) != 7 || r.Subject != origin {
		t.Fatalf("report:\n%s", text(t, r))
	}
	for no, want := range map[int][]string{
		1: {"signed 608 records", "the policy you brought"},
		2: {"608 entries"},
		3: {"1 city.add", "1 draw.open", "1 draw.result", "604 heartbeat", "1 register.commit"},
		4: {"4 subjects"},
		5: {"1 with a result", "0 void", "0 open"},
		6: {"verified", "2023-08-23T15:59:24Z"},
		7: {"no checkpoint was kept"},
	} {
		for _, part := range want {
			if got := r.Checks[no-1].Evidence; !strings.Contains(got, part) {
				t.Errorf("check %d: %q is not in %q", no, part, got)
			}
		}
	}
}

func TestALogAnswersForItsOwnPolicyWhenNoneIsBrought(t *testing.T) {
	f := good(t).publish()
	r := checkLog(t, f, Options{})
	if !r.OK || !slices.ContainsFunc(r.NotShown, func(s string) bool { return strings.Contains(s, "--policy") }) {
		t.Errorf("report:\n%s", text(t, r))
	}
	delete(f, "policy.txt")
	if got := failed(checkLog(t, f, Options{})); !slices.Equal(got, []int{1}) {
		t.Errorf("without a policy: failed %v", got)
	}
}

func TestTheLogMustExtendTheCheckpointKept(t *testing.T) {
	s := newScene(t)
	for range 300 {
		s.beat(2)
	}
	f := s.publish()
	for _, n := range []int{0, 1, 255, 256, 257, 300} {
		opts := brought(t)
		kept := s.head(n)
		opts.Saved = &kept
		if r := checkLog(t, f, opts); !r.OK {
			t.Errorf("kept at %d:\n%s", n, text(t, r))
		}
		kept.Root[0] ^= 1
		if got := failed(checkLog(t, f, opts)); !slices.Equal(got, []int{7}) {
			t.Errorf("another root kept at %d: failed %v", n, got)
		}
	}
	for name, kept := range map[string]checkpoint.Checkpoint{
		"a longer log":  {Origin: origin, Size: 301, Root: audit.Hash{1}},
		"another log's": {Origin: "log.porto.example", Size: 300, Root: s.head(300).Root},
	} {
		opts := brought(t)
		opts.Saved = &kept
		if got := failed(checkLog(t, f, opts)); !slices.Equal(got, []int{7}) {
			t.Errorf("%s: failed %v", name, got)
		}
	}
}

func TestAFullTileStandsForItsPartialOne(t *testing.T) {
	s := newScene(t)
	for range 10 {
		s.beat(2)
	}
	f := s.publish()
	for range 300 {
		s.beat(2)
	}
	delete(f, tilePath(0, 10))
	f[tilePath(0, tileWidth)] = tileOf(s.entries[:tileWidth])
	if r := checkLog(t, f, brought(t)); !r.OK {
		t.Errorf("report:\n%s", text(t, r))
	}
}

func TestAnEmptyLogHolds(t *testing.T) {
	if r := checkLog(t, newScene(t).publish(), brought(t)); !r.OK {
		t.Errorf("report:\n%s", text(t, r))
	}
}

func TestRehearsalsInALogAreCounted(t *testing.T) {
	s := newScene(t)
	s.rehearse()
	s.begin()
	s.open(1000, 123, nil)
	s.outcome(1000, nil)
	f := s.publish()
	r := checkLog(t, f, brought(t))
	if !r.OK || !strings.Contains(r.Checks[4].Evidence, "1 of them REHEARSALS") {
		t.Errorf("report:\n%s", text(t, r))
	}
	delete(f, "chains/"+s.chain.Hash.String()+".json")
	if got := failed(checkLog(t, f, brought(t))); !slices.Equal(got, []int{5, 6}) {
		t.Errorf("without the chain's description: failed %v", got)
	}
	other, err := beacon.Pinned().ByName("quicknet")
	if !err {
		t.Fatal("no quicknet")
	}
	f["chains/"+s.chain.Hash.String()+".json"] = other.InfoV2()
	if got := failed(checkLog(t, f, brought(t))); !slices.Equal(got, []int{5, 6}) {
		t.Errorf("with another chain's description: failed %v", got)
	}
}

func TestUnknownKindsAreCountedAndSaid(t *testing.T) {
	s := good(t)
	s.put("weather.note", "city/example/weather", 1000, struct{}{})
	r := checkLog(t, s.publish(), brought(t))
	if !r.OK || !slices.ContainsFunc(r.NotShown, func(s string) bool { return strings.Contains(s, `1 record of the kind "weather.note"`) }) {
		t.Errorf("report:\n%s", text(t, r))
	}
}
