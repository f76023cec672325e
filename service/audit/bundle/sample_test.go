package bundle

import (
	"bytes"
	"crypto/sha256"
	"hash/crc32"
	"io"
	"strings"
	"testing"
	"time"

	"kleroterion/randomness/beacon"
	"kleroterion/randomness/devchain"
	"kleroterion/service/audit"
)

func blob(data string) Blob {
	return Blob{
		Blob: audit.Blob{SHA256: sha256.Sum256([]byte(data)), Bytes: int64(len(data))},
		Open: func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(data)), nil },
	}
}

// contents has a file in every place of the tree. What the files say does not matter to this package.
func contents(t testing.TB) Contents {
	t.Helper()
	dev, err := devchain.New(devchain.Options{Period: time.Second, Genesis: 1, Secret: bytes.NewReader(make([]byte, 32)), Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	return Contents{
		CreatedBy: "test/1", Subject: "city/lisboa/jury/1", Rehearsal: true,
		Entries: []Entry{{[]byte(`{"a":1}`), []byte("proof 0")}, {[]byte(`{"a":2}`), []byte("proof 1")}, {nil, nil}},
		Blobs:   []Blob{blob("register"), blob("result"), blob("")},
		Beacons: []beacon.File{
			{Chain: dev.Chain().Hash, Beacon: beacon.Beacon{Round: 12, Signature: make([]byte, 48)}},
			{Chain: dev.Chain().Hash, Beacon: beacon.Beacon{Round: 9, Signature: make([]byte, 48)}},
		},
		Chains: []*beacon.Chain{dev.Chain()},
		Policy: []byte("quorum none\n"),
	}
}

func write(t testing.TB, c Contents) []byte {
	t.Helper()
	var buf bytes.Buffer
	if err := Write(&buf, c); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

func open(b []byte) (*Bundle, error) { return Open(bytes.NewReader(b), int64(len(b))) }

// rebuild writes entries as Write would, whatever they are.
func rebuild(t testing.TB, list []entry, data map[string]string) []byte {
	t.Helper()
	for i := range list {
		body := data[list[i].name]
		list[i].size, list[i].crc = int64(len(body)), crc32.ChecksumIEEE([]byte(body))
	}
	if err := placeEntries(list); err != nil {
		t.Fatal(err)
	}
	var out []byte
	for _, e := range list {
		out = append(append(out, e.local()...), data[e.name]...)
	}
	return append(out, directory(list)...)
}

// unpack is the inverse of rebuild.
func unpack(t testing.TB, b []byte) ([]entry, map[string]string) {
	t.Helper()
	list, err := unzip(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	data := map[string]string{}
	for _, e := range list {
		data[e.name] = string(b[e.dataAt():e.end()])
	}
	return list, data
}
