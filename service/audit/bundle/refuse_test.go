package bundle

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"slices"
	"strings"
	"testing"
)

// at returns where the local header of a file stands.
func at(t testing.TB, b []byte, name string) int {
	t.Helper()
	list, _ := unpack(t, b)
	i := slices.IndexFunc(list, func(e entry) bool { return e.name == name })
	if i < 0 {
		t.Fatalf("no %s", name)
	}
	return int(list[i].at)
}

// central returns where the central directory begins.
func central(b []byte) int { return int(binary.LittleEndian.Uint32(b[len(b)-6:])) }

func TestOpenRefusesAnotherLayout(t *testing.T) {
	good := write(t, contents(t))
	patch := func(at int, with ...byte) []byte {
		b := bytes.Clone(good)
		copy(b[at:], with)
		return b
	}
	insert := func(at int, with string) []byte {
		return slices.Concat(good[:at], []byte(with), good[at:])
	}
	policy := at(t, good, PolicyPath)
	dir := central(good)
	for name, b := range map[string][]byte{
		"nothing":                           {},
		"21 bytes":                          good[len(good)-21:],
		"the end record alone":              good[len(good)-22:],
		"a last byte that is missing":       good[:len(good)-1],
		"a first byte that is missing":      good[1:],
		"half the file":                     good[:len(good)/2],
		"a byte before":                     insert(0, "x"),
		"a byte after":                      append(bytes.Clone(good), 0),
		"a zip comment":                     append(patch(len(good)-2, 1, 0), 'x'),
		"a byte between two files":          insert(policy, "x"),
		"a byte before the directory":       insert(dir, "x"),
		"a byte before the end record":      insert(len(good)-22, "x"),
		"a data descriptor flag":            patch(policy+6, 8),
		"a UTF-8 flag":                      patch(policy+7, 8),
		"compression in the local header":   patch(policy+8, 8),
		"a time in the local header":        patch(policy+10, 1),
		"a date in the local header":        patch(policy+12, 0x21),
		"a CRC that differs":                patch(policy+14, good[policy+14]^1),
		"a size that differs":               patch(policy+22, good[policy+22]^1),
		"a compressed size that differs":    patch(policy+18, good[policy+18]^1),
		"a name that differs":               patch(policy+30, 'q'),
		"an extra field in the header":      patch(policy+28, 1),
		"a local magic that differs":        patch(policy, 'X'),
		"a version made by that differs":    patch(dir+4, 20),
		"a version needed that differs":     patch(dir+6, 20),
		"compression in the directory":      patch(dir+10, 8),
		"a date in the directory":           patch(dir+14, 0x21),
		"an extra field in the directory":   patch(dir+30, 1),
		"a file comment":                    patch(dir+32, 1),
		"a file on another disk":            patch(dir+34, 1),
		"internal attributes":               patch(dir+36, 1),
		"external attributes":               patch(dir+38, 1),
		"an offset that differs":            patch(dir+42, 1),
		"a name without length":             patch(dir+28, 0, 0),
		"a name that is too long":           patch(dir+28, 0xff, 0xff),
		"a directory magic that differs":    patch(dir, 'X'),
		"another number of files":           patch(len(good)-12, 1),
		"another number on this disk":       patch(len(good)-14, 1),
		"another disk":                      patch(len(good)-18, 1),
		"an end magic that differs":         patch(len(good)-22, 'X'),
		"a directory at another place":      patch(len(good)-6, good[len(good)-6]^1),
		"a directory of another size":       patch(len(good)-10, good[len(good)-10]^1),
		"a directory larger than the names": patch(len(good)-12, 0, 0),
		"text":                              []byte(strings.Repeat("no zip at all ", 10)),
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := open(b); err == nil {
				t.Error("accepted")
			}
		})
	}
	if _, err := open(good); err != nil {
		t.Fatalf("the unchanged file is refused: %v", err)
	}
}

func TestOpenRefusesAnotherTree(t *testing.T) {
	good := write(t, contents(t))
	add := func(list *[]entry, data map[string]string, name, text string) {
		data[name] = text
		*list = append(*list, entry{name: name})
		slices.SortFunc(*list, func(a, b entry) int { return strings.Compare(a.name, b.name) })
	}
	drop := func(list *[]entry, name string) {
		*list = slices.DeleteFunc(*list, func(e entry) bool { return e.name == name })
	}
	rename := func(list []entry, data map[string]string, old, name string) {
		for i := range list {
			if list[i].name == old {
				list[i].name = name
				data[name] = data[old]
				data[pathIndex] = strings.Replace(data[pathIndex], old, name, 1)
			}
		}
	}
	index := func(old, with string) func(*[]entry, map[string]string) {
		return func(_ *[]entry, data map[string]string) {
			if !strings.Contains(data[pathIndex], old) {
				t.Fatalf("%q is not in %s", old, data[pathIndex])
			}
			data[pathIndex] = strings.Replace(data[pathIndex], old, with, 1)
		}
	}
	for name, change := range map[string]func(*[]entry, map[string]string){
		"a file that is not listed":      func(l *[]entry, d map[string]string) { add(l, d, "records/0003.json", "{}") },
		"a file that no tree has":        func(l *[]entry, d map[string]string) { add(l, d, "readme.txt", "hello") },
		"a last file that is not listed": func(l *[]entry, d map[string]string) { add(l, d, "zzz", "hello") },
		"a folder":                       func(l *[]entry, d map[string]string) { add(l, d, "records/", "") },
		"a listed file that is missing":  func(l *[]entry, _ map[string]string) { drop(l, PolicyPath) },
		"the last file missing":          func(l *[]entry, _ map[string]string) { drop(l, RecordPath(2)) },
		"no bundle.json":                 func(l *[]entry, _ map[string]string) { drop(l, pathIndex) },
		"a name twice":                   func(l *[]entry, _ map[string]string) { *l = append(*l, (*l)[len(*l)-1]) },
		"names out of order":             func(l *[]entry, _ map[string]string) { (*l)[0], (*l)[1] = (*l)[1], (*l)[0] },
		"a path outside the tree":        func(l *[]entry, d map[string]string) { rename(*l, d, RecordPath(2), "records/../x.json") },
		"a path that is absolute":        func(l *[]entry, d map[string]string) { rename(*l, d, PolicyPath, "/policy.txt") },
		"a record number with a gap":     func(l *[]entry, d map[string]string) { rename(*l, d, RecordPath(2), RecordPath(3)) },
		"a record number in 3 digits":    func(l *[]entry, d map[string]string) { rename(*l, d, RecordPath(2), "records/002.json") },
		"a blob named in upper case": func(l *[]entry, d map[string]string) {
			old := BlobPath(blob("result").SHA256)
			rename(*l, d, old, "blobs/"+strings.ToUpper(old[len("blobs/"):]))
		},
		"a beacon without a round": func(l *[]entry, d map[string]string) {
			old := (*l)[0].name
			rename(*l, d, old, old[:len("beacons/")+64]+"-.json")
		},
		"an index with white space":      index(`{"created_by"`, `{ "created_by"`),
		"an index with another member":   index(`"kind"`, `"extra":1,"kind"`),
		"an index with another version":  index(`"v":1`, `"v":2`),
		"an index of another kind":       index(`"kind":"draw"`, `"kind":"poll"`),
		"an index of another media type": index(`bundle.v1+json`, `bundle.v2+json`),
		"an index with rehearsal false":  index(`"rehearsal":true`, `"rehearsal":false`),
		"an index without a subject":     index(`"subject":"city/lisboa/jury/1",`, ``),
		"an index with a bad subject":    index(`city/lisboa/jury/1`, `city//jury/1`),
		"an index with negative bytes":   index(`"bytes":`, `"bytes":-`),
		"an index that is empty":         func(_ *[]entry, d map[string]string) { d[pathIndex] = "" },
		"an index that lists itself": func(_ *[]entry, d map[string]string) {
			d[pathIndex] = strings.Replace(d[pathIndex], `"path":"chains`, `"path":"bundle.json","sha256":"`+strings.Repeat("0", 64)+`"},{"bytes":1,"path":"chains`, 1)
		},
	} {
		t.Run(name, func(t *testing.T) {
			list, data := unpack(t, good)
			change(&list, data)
			if _, err := open(rebuild(t, list, data)); err == nil {
				t.Error("accepted")
			}
		})
	}
	list, data := unpack(t, good)
	if b := rebuild(t, list, data); !bytes.Equal(b, good) {
		t.Error("rebuilding without a change changes the file")
	}
}

func TestAZipOfAnotherProgramIsRefused(t *testing.T) {
	_, data := unpack(t, write(t, contents(t)))
	var buf bytes.Buffer
	w := zip.NewWriter(&buf)
	for name, text := range data {
		f, err := w.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Store})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.Write([]byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := open(buf.Bytes()); err == nil {
		t.Error("accepted")
	}
}

func TestDamagedContentIsReportedByItsReader(t *testing.T) {
	b := write(t, contents(t))
	list, _ := unpack(t, b)
	i := slices.IndexFunc(list, func(e entry) bool { return e.name == RecordPath(0) })
	b[list[i].dataAt()] ^= 1
	opened, err := open(b)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := opened.ReadFile(RecordPath(0), 100); err == nil || !strings.Contains(err.Error(), "CRC-32") {
		t.Errorf("got %v, want a word of the CRC-32", err)
	}
}

func FuzzOpen(f *testing.F) {
	good := write(f, contents(f))
	f.Add(good)
	f.Add(good[:len(good)-1])
	f.Add(good[len(good)-22:])
	f.Add(writePoll(f, pollContents(f)))
	f.Add(writeRound(f, roundContents(f)))
	f.Fuzz(func(t *testing.T, b []byte) {
		opened, err := open(b)
		if err != nil {
			return
		}
		list, data := unpack(t, b)
		for _, e := range list {
			if _, err := opened.ReadFile(e.name, int64(len(b))); err != nil {
				return // the CRC is wrong: Write gives no such file
			}
		}
		if again := rebuild(t, list, data); !bytes.Equal(again, b) {
			t.Fatalf("%d bytes are accepted that Write would not write", len(b))
		}
	})
}
