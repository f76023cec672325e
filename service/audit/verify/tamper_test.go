package verify

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"hash/crc32"
	"io"
	"slices"
	"strings"
	"testing"

	"kleroterion/randomness/beacon"
	"kleroterion/randomness/sortition"
	"kleroterion/service/audit"
	"kleroterion/service/audit/bundle"
)

// A dishonest log: everything in it is properly signed and proved, so only the named check can find
// what its operator did.
func TestDishonestLogsAreFound(t *testing.T) {
	draw := func(change func(*sortition.Manifest)) func(*scene) {
		return func(s *scene) { s.begin(); s.open(1000, 123, change); s.outcome(1000, nil) }
	}
	commit := func(change func(*audit.RegisterCommit)) func(*scene) {
		return func(s *scene) {
			s.city()
			c := s.commitment()
			change(&c)
			s.freeze(c)
			s.open(1000, 123, nil)
			s.outcome(1000, nil)
		}
	}
	result := func(change func(*sortition.Result, *audit.DrawResult)) func(*scene) {
		return func(s *scene) { s.begin(); s.open(1000, 123, nil); s.outcome(1000, change) }
	}
	for name, tc := range map[string]struct {
		log  func(*scene)
		want []int
		says string
	}{
		"a redraw after the result": {func(s *scene) {
			s.begin()
			s.open(1000, 123, nil)
			s.outcome(1000, nil)
			s.open(657413, 1000, nil)
			s.outcome(657413, nil)
		}, []int{11}, "drawn again"},
		"a void after the round was due": {func(s *scene) {
			s.begin()
			s.open(1000, 123, nil)
			s.void(1000, true)
			s.open(657413, 1000, nil)
			s.outcome(657413, nil)
		}, []int{11}, "a street was missing from the list"},
		"a late void that says it is not late": {func(s *scene) {
			s.begin()
			s.open(1000, 123, nil)
			s.void(1000, false)
			s.open(657413, 1000, nil)
			s.outcome(657413, nil)
		}, []int{11}, "had been seen"},
		"a void with no seen, after a record that had seen the round": {func(s *scene) {
			s.begin()
			s.open(657413, 123, nil)
			s.put(audit.KindRegisterCommit, registerSubject, 2797373, s.commitment())
			s.void(0, false)
			s.open(2797373+1, 0, func(m *sortition.Manifest) {})
		}, []int{8, 9, 11}, ""},
		"a draw that restarts at 1": {func(s *scene) {
			s.begin()
			s.open(1000, 123, nil)
			s.void(123, false)
			s.manifest, s.commit = nil, audit.Hash{}
			s.open(657413, 123, nil)
			s.outcome(657413, nil)
		}, []int{4}, "sequence"},
		"a second draw while one is open": {func(s *scene) {
			s.begin()
			s.open(1000, 123, nil)
			s.open(657413, 123, nil)
			s.outcome(657413, nil)
		}, []int{4}, "draw_open"},
		"a chain that starts again at n 1": {func(s *scene) {
			s.begin()
			s.open(1000, 123, nil)
			s.void(123, false)
			s.edit = func(r *audit.Record) { r.N, r.Prev = 1, audit.Hash{} }
			s.open(657413, 123, nil)
			s.outcome(657413, nil)
		}, []int{4}, "rule n"},
		"a chain that forks": {func(s *scene) {
			s.begin()
			s.open(1000, 123, nil)
			s.edit = func(r *audit.Record) { r.Prev[0] ^= 1 }
			s.outcome(1000, nil)
		}, []int{4}, "rule prev"},
		"a kind that nobody knows": {func(s *scene) {
			s.begin()
			s.open(1000, 123, nil)
			s.outcome(1000, nil)
			s.put("draw.replace", jury, 1000, struct{}{})
		}, []int{4}, "not understood"},
		"no draw at all": {func(s *scene) { s.begin(); s.put("draw.prepare", jury, 123, struct{}{}) }, []int{4, 6}, ""},
		"a commit of another manifest": {func(s *scene) {
			s.begin()
			s.edit = func(r *audit.Record) {
				old := s.commit.String()
				r.Body = []byte(strings.Replace(string(r.Body), old, strings.Repeat("0", 64), 1))
			}
			s.open(1000, 123, nil)
			s.outcome(1000, nil)
		}, []int{6}, "rule commit"},
		"a manifest for another decision": {draw(func(m *sortition.Manifest) { m.Draw = "city/example/jury/2" }), []int{6}, "rule manifest"},
		"a register that was never committed": {func(s *scene) {
			s.city()
			s.put(audit.KindRegisterCommit, registerSubject, 123, audit.RegisterCommit{Root: audit.Hash{1}, Size: 60, File: audit.Hash{2}, Bytes: 1,
				Features: []string{}, SmallCells: audit.SmallCellsNone, K: 5})
			s.open(1000, 123, nil)
			s.outcome(1000, nil)
			s.blobs = append(s.blobs, s.file)
		}, []int{1, 5, 6}, ""},
		"a register that was committed after the draw": {func(s *scene) {
			s.city()
			s.open(1000, 123, nil)
			s.freeze(s.commitment())
			s.outcome(1000, nil)
		}, []int{6}, "was committed before it"},
		"a register of no city": {func(s *scene) {
			s.freeze(s.commitment())
			s.open(1000, 123, nil)
			s.outcome(1000, nil)
		}, []int{6}, "city"},
		"a city after its register": {func(s *scene) {
			s.freeze(s.commitment())
			s.edit = func(r *audit.Record) { r.Seen = nil }
			s.city()
			s.open(1000, 123, nil)
			s.outcome(1000, nil)
		}, []int{6}, "city"},
		"a register with another root":               {commit(func(c *audit.RegisterCommit) { c.Root[0] ^= 1 }), []int{5, 6}, ""},
		"a register with another size":               {commit(func(c *audit.RegisterCommit) { c.Size++ }), []int{5, 6}, ""},
		"a register with other bytes":                {commit(func(c *audit.RegisterCommit) { c.Bytes++ }), []int{5}, "bytes"},
		"a register with other features":             {commit(func(c *audit.RegisterCommit) { c.Features = []string{"age"} }), []int{5}, "features"},
		"a register that says it has no small cells": {commit(func(c *audit.RegisterCommit) { c.K = 6 }), []int{5}, "small_cells"},
		"a register that hides its households":       {commit(func(c *audit.RegisterCommit) { c.Households = false }), []int{5}, "households"},
		"a register that claims sealed features":     {commit(func(c *audit.RegisterCommit) { c.Sealed = true }), []int{5}, "sealed"},
		"a picked round":                             {draw(func(m *sortition.Manifest) { m.DrawTime -= 30 }), []int{7}, "first round at or after"},
		"an unknown chain": {func(s *scene) {
			s.begin()
			s.open(1000, 123, func(m *sortition.Manifest) { m.Beacon.Chain = audit.Hash{7} })
		}, []int{7}, "neither pinned nor described"},
		"a real draw marked as a rehearsal": {draw(func(m *sortition.Manifest) { m.Rehearsal = true }), []int{7}, "rehearsal"},
		"a rehearsal that is not marked": {func(s *scene) {
			s.rehearse()
			s.rehearsal = false
			s.begin()
			s.open(1000, 123, nil)
			s.outcome(1000, nil)
		}, []int{7}, "rehearsal"},
		"a bundle that does not say rehearsal": {func(s *scene) {
			s.rehearse()
			s.begin()
			s.open(1000, 123, nil)
			s.outcome(1000, nil)
			s.rehearsal = false
		}, []int{7}, "bundle.json says rehearsal false"},
		"a not_before that does not verify": {draw(func(m *sortition.Manifest) { m.NotBefore.Round = 124 }), []int{8}, "not_before"},
		"a not_before after the round": {draw(func(m *sortition.Manifest) {
			m.NotBefore.Round, m.NotBefore.Signature = 657413, []byte{1}
		}), []int{8}, "not before the draw's round"},
		"a seen that does not verify": {func(s *scene) {
			s.begin()
			s.edit = func(r *audit.Record) { r.Seen.Round = 124 }
			s.open(1000, 123, nil)
			s.outcome(1000, nil)
		}, []int{8}, "seen"},
		"a seen on an unknown chain": {func(s *scene) {
			s.begin()
			s.edit = func(r *audit.Record) { r.Seen.Chain = audit.Hash{7} }
			s.open(1000, 123, nil)
			s.outcome(1000, nil)
		}, []int{8}, "neither pinned nor described"},
		"a draw opened when its round was known": {func(s *scene) {
			s.begin()
			s.open(1000, 1000, nil)
			s.outcome(1000, nil)
		}, []int{8}, "had been seen"},
		"a seen that goes back": {func(s *scene) {
			s.city()
			s.freeze(s.commitment())
			s.open(657413, 1000, nil)
			s.outcome(123, nil)
		}, []int{8}, "goes back"},
		"a beacon of another round": {result(func(_ *sortition.Result, r *audit.DrawResult) { r.Beacon.Round++ }), []int{9}, "round_rule"},
		"a beacon that is not the chain's": {func(s *scene) {
			s.begin()
			s.open(1000, 123, nil)
			honest := s.sign
			s.sign = func(round uint64) beacon.Beacon {
				b := honest(round)
				if round == 1000 {
					b.Signature = honest(123).Signature
				}
				return b
			}
			s.outcome(0, nil)
		}, []int{9}, "pairing"},
		"a draw without its result": {func(s *scene) { s.begin(); s.open(1000, 123, nil) }, []int{9}, "no result"},
		"another seed":              {result(func(_ *sortition.Result, r *audit.DrawResult) { r.Seed[0] ^= 1 }), []int{10}, "seed"},
		"another person in a seat": {result(func(r *sortition.Result, _ *audit.DrawResult) {
			r.Strata[0].Seats[2], r.Strata[0].Alternates[0] = r.Strata[0].Alternates[0], r.Strata[0].Seats[2]
		}), []int{10}, `stratum "north" seat 3`},
		"a seat left out":          {result(func(r *sortition.Result, _ *audit.DrawResult) { r.Strata[1].Seats = r.Strata[1].Seats[:2] }), []int{10}, "leaves out seat 3"},
		"a seat too many":          {result(func(r *sortition.Result, _ *audit.DrawResult) { r.Strata[1].Seats = append(r.Strata[1].Seats, "x") }), []int{10}, "has seat 4"},
		"strata in another order":  {result(func(r *sortition.Result, _ *audit.DrawResult) { slices.Reverse(r.Strata) }), []int{10}, `stratum 1 is "south"`},
		"a result of another draw": {result(func(r *sortition.Result, _ *audit.DrawResult) { r.Commit[0] ^= 1 }), []int{10}, "names commit"},
		"a result with a stratum":  {result(func(r *sortition.Result, _ *audit.DrawResult) { r.Strata = r.Strata[:1] }), []int{10}, "another form"},
		"a stratum that is hidden": {draw(func(m *sortition.Manifest) { m.Strata = m.Strata[:1] }), []int{10}, "south"},
		"strata of another feature": {func(s *scene) {
			s.begin()
			s.open(1000, 123, func(m *sortition.Manifest) { m.StrataBy = []string{"age"} })
			s.outcome(1000, nil)
		}, []int{10}, ""},
		"another panel": {func(s *scene) {
			s.begin()
			s.open(1000, 123, panelsOf1000)
			s.outcome(1000, func(r *sortition.Result, _ *audit.DrawResult) { other := *r.Panel + 1; r.Panel = &other })
		}, []int{10}, "panel"},
	} {
		t.Run(name, func(t *testing.T) {
			s := newScene(t)
			tc.log(s)
			r := checkBundle(t, s.pack(), brought(t))
			if got := failed(r); !slices.Equal(got, tc.want) || r.OK {
				t.Fatalf("failed %v, want %v:\n%s", got, tc.want, text(t, r))
			}
			if last := r.Checks[tc.want[len(tc.want)-1]-1].Evidence; !strings.Contains(last, tc.says) {
				t.Errorf("%q is not in %q", tc.says, last)
			}
		})
	}
}

// A dishonest bundle of an honest log: digests and index are right, the content is not.
func TestChangedBundlesAreFound(t *testing.T) {
	flip := func(b []byte, at int) []byte {
		b = bytes.Clone(b)
		b[at] ^= 1
		return b
	}
	record := func(i int) func(*bundle.Contents) {
		return func(c *bundle.Contents) { c.Entries[i].Record = flip(c.Entries[i].Record, 12) }
	}
	path := func(i int) func(*bundle.Contents) {
		return func(c *bundle.Contents) { c.Entries[i].Proof = flip(c.Entries[i].Proof, 40) }
	}
	blob := func(i int) func(*bundle.Contents) {
		return func(c *bundle.Contents) {
			r, _ := c.Blobs[i].Open()
			data, _ := io.ReadAll(r)
			c.Blobs[i] = blobOf(flip(data, len(data)/2))
		}
	}
	other := func(t *testing.T) bundle.Contents {
		s := newScene(t)
		s.beat(2)
		s.begin()
		s.open(1000, 123, nil)
		s.outcome(1000, nil)
		return s.contents(s.note())
	}
	for name, tc := range map[string]struct {
		change func(*bundle.Contents)
		opts   func(*testing.T) Options
		want   []int
		says   string
	}{
		"a byte of the city's record":     {record(0), brought2, []int{3}, "records/0000.json"},
		"a byte of the register's record": {record(1), brought2, []int{1, 3}, "records/0001.json"},
		"a byte of the opening":           {record(2), brought2, []int{3}, "records/0002.json"},
		"a byte of the result's record":   {record(3), brought2, []int{1, 3}, "records/0003.json"},
		"a byte of a path":                {path(1), brought2, []int{3}, ""},
		"a byte of a path, at the end":    {path(3), brought2, []int{3}, ""},
		"a byte of one note's signature": {func(c *bundle.Contents) {
			c.Entries[2].Proof = flip(c.Entries[2].Proof, len(c.Entries[2].Proof)-10)
		}, brought2, []int{2}, "another checkpoint"},
		"a byte of every note's signature": {func(c *bundle.Contents) {
			for i, e := range c.Entries {
				c.Entries[i].Proof = flip(e.Proof, len(e.Proof)-10)
			}
		}, brought2, []int{2}, "does not verify"},
		"proofs that are none": {func(c *bundle.Contents) {
			for i := range c.Entries {
				c.Entries[i].Proof = []byte("no proof")
			}
		}, brought2, []int{2}, "no proof can be read"},
		"a policy that is none":   {func(c *bundle.Contents) { c.Policy = []byte("trust me\n") }, nothing, []int{2}, "policy.txt"},
		"a policy of another log": {func(c *bundle.Contents) { c.Policy = []byte(strings.Replace(logPolicy(), origin, "log.other", 1)) }, nothing, []int{2}, "policy.txt"},
		"a foreign log key": {func(*bundle.Contents) {}, func(t *testing.T) Options {
			vkey, _, _ := keyOf("log.porto.example/kleroterion", 1)
			return Options{Policy: policyOf(t, "log "+vkey+"\nquorum none\n")}
		}, []int{2}, "not signed by a log of the policy"},
		"a byte of the beacon": {func(c *bundle.Contents) {
			c.Beacons[0].Signature = flip(c.Beacons[0].Signature, 20)
		}, brought2, []int{9}, "not the beacon of the result's record"},
		"no beacon": {func(c *bundle.Contents) { c.Beacons = nil }, brought2, []int{9}, "missing"},
		"a beacon too many": {func(c *bundle.Contents) {
			b := c.Beacons[0]
			b.Round = 1001
			c.Beacons = append(slices.Clone(c.Beacons), b)
		}, brought2, []int{9}, "the beacon of no result"},
		"a byte of the register": {blob(0), brought2, []int{1, 5}, "not in the bundle"},
		"a byte of the result":   {blob(1), brought2, []int{1, 10}, "not in the bundle"},
		"no register":            {func(c *bundle.Contents) { c.Blobs = c.Blobs[1:] }, brought2, []int{5}, "not in the bundle"},
		"no result":              {func(c *bundle.Contents) { c.Blobs = c.Blobs[:1] }, brought2, []int{10}, "not in the bundle"},
		"a blob that nothing names": {func(c *bundle.Contents) { c.Blobs = append(c.Blobs, blobOf([]byte("x"))) },
			brought2, []int{1}, "named by no record"},
		"the opening left out":           {func(c *bundle.Contents) { c.Entries = slices.Delete(c.Entries, 2, 3) }, brought2, []int{4}, "rule n"},
		"the register's record left out": {func(c *bundle.Contents) { c.Entries = slices.Delete(c.Entries, 1, 2) }, brought2, []int{1, 5, 6}, ""},
		"the city's record left out":     {func(c *bundle.Contents) { c.Entries = c.Entries[1:] }, brought2, []int{6}, "city"},
		"the subject's records left out": {func(c *bundle.Contents) { c.Entries = c.Entries[:2] }, brought2, []int{1, 4, 6}, ""},
		"records in another order":       {func(c *bundle.Contents) { c.Entries[0], c.Entries[1] = c.Entries[1], c.Entries[0] }, brought2, []int{4, 6}, "city"},
		"a record twice":                 {func(c *bundle.Contents) { c.Entries = slices.Insert(c.Entries, 1, c.Entries[0]) }, brought2, []int{4}, "not after the one before"},
		"another subject in the index":   {func(c *bundle.Contents) { c.Subject = "city/example/jury/2" }, brought2, []int{4, 6}, ""},
		"a rehearsal in the index alone": {func(c *bundle.Contents) { c.Rehearsal = true }, brought2, []int{7}, "bundle.json says rehearsal true"},
		"a proof for another record":     {func(c *bundle.Contents) { c.Entries[1].Proof = c.Entries[2].Proof }, brought2, []int{3}, "records/0001.json"},
		"a record under another log":     {func(c *bundle.Contents) { c.Entries[0] = other(t).Entries[0] }, brought2, []int{2}, "another checkpoint"},
		"the description of a pinned chain": {func(c *bundle.Contents) {
			quick, _ := beacon.Pinned().ByName("quicknet")
			c.Chains = []*beacon.Chain{quick}
		}, brought2, []int{7}, "pinned"},
	} {
		t.Run(name, func(t *testing.T) {
			s := good(t)
			c := s.contents(s.note())
			tc.change(&c)
			r := checkBundle(t, packed(t, c), tc.opts(t))
			if got := failed(r); !slices.Equal(got, tc.want) || r.OK {
				t.Fatalf("failed %v, want %v:\n%s", got, tc.want, text(t, r))
			}
			if last := r.Checks[tc.want[len(tc.want)-1]-1].Evidence; !strings.Contains(last, tc.says) {
				t.Errorf("%q is not in %q", tc.says, last)
			}
		})
	}
}

func brought2(t *testing.T) Options { return brought(t) }
func nothing(*testing.T) Options    { return Options{} }

func TestARecordOfAnotherSubjectIsRefused(t *testing.T) {
	s := good(t)
	s.subjects[0] = citySubject // the heartbeat, packed with the rest
	r := checkBundle(t, s.pack(), brought(t))
	if got := failed(r); !slices.Equal(got, []int{4}) || !strings.Contains(r.Checks[3].Evidence, "nothing to do with") {
		t.Errorf("failed %v:\n%s", got, text(t, r))
	}
}

func TestARecordThatIsNotCanonicalIsRefused(t *testing.T) {
	s := newScene(t)
	s.begin()
	s.raw(jury, []byte(`{"kind": "draw.open"}`))
	r := checkBundle(t, s.pack(), brought(t))
	if got := failed(r); !slices.Contains(got, 4) || !strings.Contains(r.Checks[3].Evidence, "records/0002.json") {
		t.Errorf("failed %v:\n%s", got, text(t, r))
	}
}

// A register with a fault inside is not the committed one, whatever its record says.
func TestARegisterFileOutOfFormIsRefused(t *testing.T) {
	s := newScene(t)
	lines := bytes.SplitAfter(s.file, []byte("\n"))
	lines[0], lines[1] = lines[1], lines[0]
	s.file = bytes.Join(lines, nil)
	s.begin()
	s.open(1000, 123, nil)
	s.outcome(1000, nil)
	r := checkBundle(t, s.pack(), brought(t))
	if got := failed(r); !slices.Equal(got, []int{5}) || !strings.Contains(r.Checks[4].Evidence, "line 2") {
		t.Errorf("failed %v:\n%s", got, text(t, r))
	}
}

// One byte changed in each file, the listed digest left as it was: check 1 names the file. With and
// without a CRC-32 that fits the change.
func TestEveryFlippedByteIsFoundByCheck1(t *testing.T) {
	raw := good(t).pack()
	z, err := zip.NewReader(bytes.NewReader(raw), int64(len(raw)))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range z.File {
		if f.Name == "bundle.json" || f.UncompressedSize64 == 0 {
			continue
		}
		for _, mend := range []bool{false, true} {
			b := bytes.Clone(raw)
			start, err := f.DataOffset()
			if err != nil {
				t.Fatal(err)
			}
			end := start + int64(f.UncompressedSize64)
			b[(start+end)/2] ^= 1
			if mend {
				mendCRC(b, f.CRC32, crc32.ChecksumIEEE(b[start:end]))
			}
			r := checkBundle(t, b, brought(t))
			if got := r.Checks[0]; got.OK || !strings.Contains(got.Evidence, f.Name) {
				t.Errorf("%s, CRC mended %t: %+v", f.Name, mend, got)
			}
		}
	}
}

// mendCRC replaces the two places in which the zip keeps a CRC-32.
func mendCRC(b []byte, old, now uint32) {
	from := binary.LittleEndian.AppendUint32(nil, old)
	copy(b, bytes.ReplaceAll(b, from, binary.LittleEndian.AppendUint32(nil, now)))
}

// The digest of a blob is in its name, too.
func TestABlobUnderAnotherNameIsFound(t *testing.T) {
	raw := good(t).pack()
	s := good(t)
	sum := sha256.Sum256(s.blobs[1])
	name := []byte(audit.Hash(sum).String())
	other := bytes.Clone(name)
	other[63] ^= 1 // another digit, the same order among the names
	at := bytes.Index(raw, append([]byte("blobs/"), name...))
	b := bytes.ReplaceAll(raw, append([]byte("blobs/"), name...), append([]byte("blobs/"), other...))
	if at < 0 {
		t.Fatal("the result is not in the bundle")
	}
	b = reindexed(t, b)
	r := checkBundle(t, b, brought(t))
	if got := r.Checks[0]; got.OK || !strings.Contains(got.Evidence, "named after another digest") && !strings.Contains(got.Evidence, "named by no record") {
		t.Errorf("%+v\n%s", got, text(t, r))
	}
}

// reindexed mends the CRC-32 of bundle.json after its text was changed.
func reindexed(t *testing.T, b []byte) []byte {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range z.File {
		if f.Name == "bundle.json" {
			start, err := f.DataOffset()
			if err != nil {
				t.Fatal(err)
			}
			mendCRC(b, f.CRC32, crc32.ChecksumIEEE(b[start:start+int64(f.UncompressedSize64)]))
		}
	}
	return b
}

func TestACutOffBundleCannotBeRead(t *testing.T) {
	raw := good(t).pack()
	for _, n := range []int{0, 10, len(raw) / 3, len(raw) - 1} {
		if _, err := bundle.Open(bytes.NewReader(raw[:n]), int64(n)); err == nil {
			t.Errorf("%d of %d bytes are read", n, len(raw))
		}
	}
}
