package timelock

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"testing"
)

// rebuild writes a file from its parts.
func rebuild(f *parts) []byte {
	out := fmt.Appendf(nil, "%s%s%d %s\n", versionLine, stanzaStart, f.round, f.chain)
	out = appendBody(out, &f.body)
	out = fmt.Appendf(out, "%s%s\n", macStart, base64.RawStdEncoding.EncodeToString(f.mac[:]))
	return append(append(out, f.nonce...), f.payload...)
}

// What passes inspection has the length that follows from its header and can be written in one way.
func FuzzInspect(f *testing.F) {
	v := readVectors(f)
	f.Add(v.Sealed.File)
	for _, r := range v.Refused {
		f.Add(r.File)
	}
	f.Fuzz(func(t *testing.T, file []byte) {
		h, err := Inspect(file)
		if err != nil {
			if h != (Header{}) {
				t.Errorf("%+v with %v", h, err)
			}
			return
		}
		if len(file) != SealedSize(h.Round, h.Plaintext) {
			t.Errorf("%d bytes, %+v makes %d", len(file), h, SealedSize(h.Round, h.Plaintext))
		}
		p, err := parse(file)
		if err != nil {
			t.Fatal(err)
		}
		if again := rebuild(p); !bytes.Equal(again, file) {
			t.Errorf("%q\nis written\n%q", file, again)
		}
		point := pointOf(t, file)
		u := point.Bytes()
		if !bytes.Equal(u[:], p.body.u()) {
			t.Errorf("the point %x is written %x", p.body.u(), u)
		}
	})
}

func FuzzDearmor(f *testing.F) {
	f.Add([]byte(armorFirst + armorLast))
	f.Add(Armor([]byte("a file")))
	f.Add(Armor(bytes.Repeat([]byte{1}, 96)))
	f.Fuzz(func(t *testing.T, text []byte) {
		file, err := Dearmor(text)
		if err == nil && !bytes.Equal(Armor(file), text) {
			t.Errorf("%q\nis written\n%q", text, Armor(file))
		}
	})
}
