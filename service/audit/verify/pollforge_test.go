package verify

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"

	"kleroterion/service/audit/bundle"
	"kleroterion/service/identity"
	"kleroterion/service/poll"
)

func keyPointer(name string) *identity.Key {
	k := publicKey(name)
	return &k
}

func mustRoll(c *commune, l poll.Line) []byte {
	c.t.Helper()
	b, err := poll.WriteRoll([]poll.Line{l})
	if err != nil {
		c.t.Fatal(err)
	}
	return b
}

// reroll changes the roll of chamber i, and the manifest with it.
func (c *commune) reroll(i int, change func(lines [][]byte) [][]byte) {
	c.t.Helper()
	lines := bytes.SplitAfter(c.rolls[i], []byte("\n"))
	lines = change(lines[:len(lines)-1])
	c.rolls[i] = bytes.Join(lines, nil)
	n := int64(len(lines))
	c.manifest.Rolls[i].File = poll.File{Bytes: int64(len(c.rolls[i])), SHA256: sha256.Sum256(c.rolls[i])}
	c.manifest.Rolls[i].Electors, c.manifest.Rules.Chambers[i].Electors = n, n
}

func canonicalRaw(b []byte) json.RawMessage { return json.RawMessage(b) }

// dropLast takes the newest record back, the first of the poll.
func (c *commune) dropLast() { c.t.Helper(); c.dropNewest(pollSubject) }

// dropNewest takes the newest record back, the first of its subject.
func (c *commune) dropNewest(subject string) {
	c.t.Helper()
	entries, subjects := c.entries[:len(c.entries)-1], c.subjects[:len(c.subjects)-1]
	c.entries, c.subjects, c.stored, c.n = nil, nil, nil, map[string]int64{}
	for i, b := range entries {
		c.raw(subjects[i], b)
		c.n[subjects[i]]++
	}
	delete(c.prev, subject)
}

// swapDistrict moves one resident to another district.
func swapDistrict(d *bundle.Contents) {
	for i, b := range d.Blobs {
		r, err := b.Open()
		if err != nil {
			panic(err)
		}
		var data bytes.Buffer
		if _, err := data.ReadFrom(r); err != nil {
			panic(err)
		}
		if bytes.Contains(data.Bytes(), []byte(`"district":"north"`)) {
			d.Blobs[i] = blobOf(bytes.Replace(data.Bytes(), []byte("north"), []byte("south"), 1))
		}
	}
}
