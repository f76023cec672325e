package beacon

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func compact(t *testing.T, b []byte) string {
	t.Helper()
	var out bytes.Buffer
	if err := json.Compact(&out, b); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// The nodes' own answers must come back byte for byte.
func TestInfoIsWrittenAsDrandWritesIt(t *testing.T) {
	for name, l := range readLocalnet(t).Chains {
		for _, raw := range []json.RawMessage{l.InfoV1, l.InfoV2} {
			c, err := ParseInfo(raw)
			if err != nil {
				t.Fatal(err)
			}
			if c.Hash != l.Hash || c.Status != StatusDev || !strings.HasPrefix(c.Name, "dev-") {
				t.Errorf("%s: hash %s, status %s, name %s, want %s, dev, dev-…", name, c.Hash, c.Status, c.Name, l.Hash)
			}
			if diff := cmp.Diff(compact(t, l.InfoV1), string(c.InfoV1())); diff != "" {
				t.Errorf("%s v1 (-want +got):\n%s", name, diff)
			}
			if diff := cmp.Diff(compact(t, l.InfoV2), string(c.InfoV2())); diff != "" {
				t.Errorf("%s v2 (-want +got):\n%s", name, diff)
			}
		}
	}
}

func TestInfoOfAPinnedChainGivesThatChain(t *testing.T) {
	for _, c := range Pinned().All() {
		for _, b := range [][]byte{c.InfoV1(), c.InfoV2()} {
			got, err := ParseInfo(b)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c, got); diff != "" {
				t.Errorf("%s (-want +got):\n%s", c.Name, diff)
			}
		}
	}
}

func TestNegativeInfosAreRefused(t *testing.T) {
	want := map[string]string{"foreign_key_same_hash": "hash", "scheme_relabelled": "scheme"}
	seen := 0
	for _, n := range readVectors(t).NegativeInfos {
		about, ok := want[n.Name]
		if !ok {
			t.Fatalf("no expectation for %q", n.Name)
		}
		seen++
		if _, err := ParseInfo(n.Info); err == nil || !strings.Contains(err.Error(), about) {
			t.Errorf("%s: error %v, want one about %q", n.Name, err, about)
		}
	}
	if seen != len(want) {
		t.Errorf("%d negative infos, want %d", seen, len(want))
	}
}

func TestParseInfoAccepts(t *testing.T) {
	c := newSigner(t, SchemeG1RFC9380, 31).chain
	v1, v2 := string(c.InfoV1()), string(c.InfoV2())
	for name, in := range map[string]string{
		"white space":                    "\n { " + v1[1:len(v1)-1] + " } \n",
		"a member drand lacks":           `{"operator":"us",` + v2[1:],
		"another member order":           string(reorder(t, v2)),
		"more inside of metadata":        strings.Replace(v1, `"metadata":{`, `"metadata":{"note":"x",`, 1),
		"another case beside the member": strings.Replace(v2, `"period":3`, `"Period":30,"period":3`, 1),
	} {
		t.Run(name, func(t *testing.T) {
			got, err := ParseInfo([]byte(in))
			if err != nil {
				t.Fatal(err)
			}
			if err := got.Matches(c); err != nil {
				t.Error(err)
			}
		})
	}
}

// reorder writes the members in the order of their names.
func reorder(t *testing.T, in string) []byte {
	t.Helper()
	var m map[string]any
	dec := json.NewDecoder(strings.NewReader(in))
	dec.UseNumber()
	if err := dec.Decode(&m); err != nil {
		t.Fatal(err)
	}
	out, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestAnInfoWithoutIDIsTheDefaultBeacon(t *testing.T) {
	c := pinnedChain(t, "default")
	for _, in := range []string{
		strings.Replace(string(c.InfoV1()), `"beaconID":"default"`, `"beaconID":""`, 1),
		strings.Replace(string(c.InfoV2()), `"beacon_id":"default"`, `"beacon_id":""`, 1),
	} {
		got, err := ParseInfo([]byte(in))
		if err != nil || !got.Equal(c) {
			t.Errorf("%v, %v, want the default chain", got, err)
		}
	}
}

func TestParseInfoRefuses(t *testing.T) {
	c := pinnedChain(t, "quicknet")
	v1, v2 := string(c.InfoV1()), string(c.InfoV2())
	swap := func(in, old, new string) string {
		out := strings.Replace(in, old, new, 1)
		if out == in {
			t.Fatalf("%q is not in %s", old, in)
		}
		return out
	}
	// The border between seed and id moves by one byte; the hash input stays the same.
	split := swap(swap(v2, `5d3e"`, `5d3e71"`), `"beacon_id":"quicknet"`, `"beacon_id":"uicknet"`)
	for name, in := range map[string]string{
		"nothing":                 "",
		"an array":                "[" + v1 + "]",
		"a string":                `"quicknet"`,
		"two documents":           v1 + v1,
		"cut off":                 v1[:len(v1)-1],
		"no members":              "{}",
		"too long":                `{"pad":"` + strings.Repeat("x", maxInfo) + `",` + v1[1:],
		"a member twice":          swap(v1, `"period":3`, `"period":3,"period":3`),
		"a member twice, escaped": swap(v1, `"period":3`, `"period":3,"p\u0065riod":30`),
		"wrong case of a member":  swap(v1, `"period"`, `"Period"`),
		"v1 with a v2 member":     swap(v1, "{", `{"beacon_id":"quicknet",`),
		"v2 with a v1 member":     swap(v2, "{", `{"hash":"`+c.Hash.String()+`",`),
		"no public key":           swap(v1, `"public_key"`, `"public"`),
		"no hash":                 swap(v1, `"hash"`, `"hsh"`),
		"no seed":                 swap(v1, `"groupHash"`, `"group"`),
		"no scheme":               swap(v1, `"schemeID"`, `"scheme_id"`),
		"no metadata":             swap(v1, `"metadata"`, `"meta"`),
		"metadata without id":     swap(v1, `"beaconID"`, `"id"`),
		"metadata a string":       swap(v1, `{"beaconID":"quicknet"}`, `"quicknet"`),
		"no period":               swap(v2, `"period":3,`, ``),
		"period null":             swap(v2, `"period":3`, `"period":null`),
		"period a string":         swap(v2, `"period":3`, `"period":"3"`),
		"period 3.0":              swap(v2, `"period":3`, `"period":3.0`),
		"period 3e0":              swap(v2, `"period":3`, `"period":3e0`),
		"period 2^32+3":           swap(v2, `"period":3`, `"period":4294967299`),
		"period -3":               swap(v2, `"period":3`, `"period":-3`),
		"period 30":               swap(v2, `"period":3`, `"period":30`),
		"genesis later":           swap(v2, `1692803367`, `1692803368`),
		"genesis 2^63":            swap(v2, `1692803367`, `9223372036854775808`),
		"upper-case key":          swap(v2, `"83cf0f28`, `"83CF0F28`),
		"odd key":                 swap(v2, `"83cf0f28`, `"3cf0f28`),
		"upper-case hash":         swap(v2, c.Hash.String(), strings.ToUpper(c.Hash.String())),
		"short seed":              swap(v2, `5d3e"`, `5d"`),
		"seed and id split anew":  split,
		"scheme relabelled":       swap(v2, string(SchemeG1RFC9380), string(SchemeUnchainedG1)),
		"scheme empty":            swap(v2, string(SchemeG1RFC9380), ""),
		"scheme unknown":          swap(v2, string(SchemeG1RFC9380), "bls-unchained-g3"),
		"another id":              swap(v2, `"beacon_id":"quicknet"`, `"beacon_id":"fastnet"`),
		"id with a line feed":     swap(v2, `"beacon_id":"quicknet"`, `"beacon_id":"quick\nnet"`),
		"invalid UTF-8":           swap(v2, `"beacon_id":"quicknet"`, "\"beacon_id\":\"quick\xffnet\""),
	} {
		t.Run(name, func(t *testing.T) {
			if c, err := ParseInfo([]byte(in)); err == nil {
				t.Errorf("accepted as %s %s", c.Name, c.Hash)
			}
		})
	}
}
