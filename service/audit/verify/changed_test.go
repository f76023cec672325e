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
	"kleroterion/service/audit"
	"kleroterion/service/audit/bundle"
)

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

// The CRC-32 of the zip must be that of the content, although its SHA-256 is right.
func TestAWrongCRCOfAnHonestFileIsFound(t *testing.T) {
	raw := good(t).pack()
	z, err := zip.NewReader(bytes.NewReader(raw), int64(len(raw)))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range z.File {
		if f.Name == "bundle.json" {
			continue
		}
		b := bytes.Clone(raw)
		mendCRC(b, f.CRC32, f.CRC32^1)
		r := checkBundle(t, b, brought(t))
		if got := r.Checks[0]; got.OK || !strings.Contains(got.Evidence, f.Name) {
			t.Errorf("%s: %+v", f.Name, got)
		}
	}
}
