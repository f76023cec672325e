package bundle

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"hash/crc32"
	"io"
	"slices"
	"strings"
	"testing"

	"kleroterion/service/audit"
)

func TestWhatIsWrittenIsRead(t *testing.T) {
	c := contents(t)
	b, err := open(write(t, c))
	if err != nil {
		t.Fatal(err)
	}
	if b.Index.Subject != c.Subject || b.Index.CreatedBy != c.CreatedBy || !b.Index.Rehearsal || b.Index.Records() != 3 {
		t.Errorf("index %+v", b.Index)
	}
	if got, want := len(b.Index.Files), 3+3+3+2+1+1; got != want {
		t.Errorf("%d files, want %d", got, want)
	}
	for _, f := range b.Index.Files {
		data, err := b.ReadFile(f.Path, 1<<20)
		if err != nil {
			t.Fatal(err)
		}
		if int64(len(data)) != f.Bytes || sha256.Sum256(data) != [32]byte(f.SHA256) {
			t.Errorf("%s is not as listed", f.Path)
		}
		if found, ok := b.Index.Find(f.Path); !ok || found != f {
			t.Errorf("%s is not found", f.Path)
		}
	}
	if got, err := b.ReadFile(BlobPath(c.Blobs[0].SHA256), 100); err != nil || string(got) != "register" {
		t.Errorf("register: %q, %v", got, err)
	}
	if got, err := b.ReadFile(RecordPath(1), 100); err != nil || string(got) != `{"a":2}` {
		t.Errorf("record 1: %q, %v", got, err)
	}
	if _, ok := b.Index.Find(RecordPath(9)); ok {
		t.Error("a file that is not there is found")
	}
}

func TestReadFileKeepsItsLimit(t *testing.T) {
	b, err := open(write(t, contents(t)))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.ReadFile(RecordPath(0), 6); err == nil {
		t.Error("7 bytes are read where 6 are allowed")
	}
	if _, err := b.ReadFile("records/9999.json", 6); err == nil {
		t.Error("a missing file is read")
	}
	if _, err := b.Reader("records/9999.json"); err == nil {
		t.Error("a missing file is streamed")
	}
}

func TestOrderOfContentsDoesNotMatter(t *testing.T) {
	a, b := contents(t), contents(t)
	slices.Reverse(b.Blobs)
	slices.Reverse(b.Beacons)
	crc := crc32.ChecksumIEEE([]byte("register"))
	a.Blobs[0].CRC32 = &crc // known beforehand: the content is opened once
	if !bytes.Equal(write(t, a), write(t, b)) {
		t.Error("the same contents give two files")
	}
}

// The digest pins the layout: another language writes these bytes.
func TestLayoutIsThatOfTheSpecification(t *testing.T) {
	c := contents(t)
	c.Chains, c.Beacons, c.Rehearsal = nil, nil, false
	sum := sha256.Sum256(write(t, c))
	const want = "da36e3aaba37f0b10ee9a2d090a18dcb43a1e090d7398567d08197e63ec0e9f0"
	if got := hex.EncodeToString(sum[:]); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// Ordinary zip programs read the file.
func TestStandardZipReaderAgrees(t *testing.T) {
	raw := write(t, contents(t))
	b, err := open(raw)
	if err != nil {
		t.Fatal(err)
	}
	z, err := zip.NewReader(bytes.NewReader(raw), int64(len(raw)))
	if err != nil {
		t.Fatal(err)
	}
	if got, want := len(z.File), len(b.Index.Files)+1; got != want {
		t.Fatalf("%d files, want %d", got, want)
	}
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(r)
		if err != nil {
			t.Fatalf("%s: %v", f.Name, err)
		}
		want, err := b.ReadFile(f.Name, 1<<20)
		if err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s: %q and %q, %v", f.Name, got, want, err)
		}
	}
}

func TestKnownCRCIsOpenedOnce(t *testing.T) {
	c := contents(t)
	opened := 0
	crc, inner := crc32.ChecksumIEEE([]byte("register")), c.Blobs[0].Open
	c.Blobs[0].Open = func() (io.ReadCloser, error) { opened++; return inner() }
	write(t, c)
	if opened != 2 {
		t.Errorf("opened %d times without a CRC, want 2", opened)
	}
	c.Blobs[0].CRC32, opened = &crc, 0
	write(t, c)
	if opened != 1 {
		t.Errorf("opened %d times with a CRC, want 1", opened)
	}
}

func TestWriteRefuses(t *testing.T) {
	wrong := uint32(1)
	failing := errors.New("disk")
	for name, change := range map[string]func(*Contents){
		"no records":                 func(c *Contents) { c.Entries = nil },
		"too many records":           func(c *Contents) { c.Entries = make([]Entry, maxEntries+1) },
		"no subject":                 func(c *Contents) { c.Subject = "" },
		"a subject in upper case":    func(c *Contents) { c.Subject = "City" },
		"no program":                 func(c *Contents) { c.CreatedBy = "" },
		"a program on two lines":     func(c *Contents) { c.CreatedBy = "a\nb" },
		"a blob twice":               func(c *Contents) { c.Blobs = append(c.Blobs, blob("result")) },
		"a beacon twice":             func(c *Contents) { c.Beacons = append(c.Beacons, c.Beacons[0]) },
		"a beacon without signature": func(c *Contents) { c.Beacons[0].Signature = nil },
		"a blob that is longer":      func(c *Contents) { c.Blobs[0].Bytes-- },
		"a blob that is shorter":     func(c *Contents) { c.Blobs[0].Bytes++ },
		"a blob of negative size":    func(c *Contents) { c.Blobs[0].Bytes = -1 },
		"a blob with another digest": func(c *Contents) { c.Blobs[0].SHA256[0] ^= 1 },
		"a blob with another CRC":    func(c *Contents) { c.Blobs[0].CRC32 = &wrong },
		"a blob that does not open":  func(c *Contents) { c.Blobs[0].Open = func() (io.ReadCloser, error) { return nil, failing } },
		"a blob that changes": func(c *Contents) {
			texts := []string{"register", "REGISTER"}
			c.Blobs[0].Open = func() (io.ReadCloser, error) {
				text := texts[0]
				texts = texts[1:]
				return io.NopCloser(strings.NewReader(text)), nil
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			c := contents(t)
			change(&c)
			if err := Write(io.Discard, c); err == nil {
				t.Error("written")
			}
		})
	}
}

func TestWriteReportsAFullDisk(t *testing.T) {
	whole := len(write(t, contents(t)))
	for _, room := range []int{0, 40, whole / 2, whole - 1} {
		if err := Write(&fullDisk{room: room}, contents(t)); !errors.Is(err, errFull) {
			t.Errorf("room for %d of %d bytes: %v", room, whole, err)
		}
	}
}

var errFull = errors.New("disk full")

type fullDisk struct{ room int }

func (d *fullDisk) Write(p []byte) (int, error) {
	if len(p) > d.room {
		return 0, errFull
	}
	d.room -= len(p)
	return len(p), nil
}

func TestMoreThan4GiBIsRefusedBeforeAnythingIsRead(t *testing.T) {
	c := contents(t)
	crc := uint32(0)
	never := func() (io.ReadCloser, error) { t.Fatal("opened"); return nil, nil }
	for i := range 2 {
		c.Blobs = append(c.Blobs, Blob{Blob: audit.Blob{SHA256: audit.Hash{byte(i)}, Bytes: 1 << 31}, CRC32: &crc, Open: never})
	}
	if err := Write(io.Discard, c); err == nil {
		t.Error("written")
	}
}

func TestFileName(t *testing.T) {
	if got, want := FileName("city/lisboa/jury/1"), "city_lisboa_jury_1.klero"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
