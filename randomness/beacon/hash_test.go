package beacon

import (
	"encoding/json"
	"strings"
	"testing"
)

func TestHashText(t *testing.T) {
	const text = "52db9ba70e0cc0f6eaf7803dd07447a1f5477735fd3f661792ba94600c84e971"
	h, err := ParseHash(text)
	if err != nil || h.String() != text {
		t.Fatalf("%s, %v, want %s", h, err, text)
	}
	b, err := json.Marshal(h)
	if err != nil || string(b) != `"`+text+`"` {
		t.Errorf("JSON %s, %v", b, err)
	}
	var back Hash
	if err := json.Unmarshal(b, &back); err != nil || back != h {
		t.Errorf("back from JSON: %s, %v", back, err)
	}
}

func TestParseHashRefuses(t *testing.T) {
	const text = "52db9ba70e0cc0f6eaf7803dd07447a1f5477735fd3f661792ba94600c84e971"
	for name, in := range map[string]string{
		"empty":             "",
		"one digit short":   text[1:],
		"one digit long":    text + "0",
		"one byte short":    text[2:],
		"one byte long":     text + "00",
		"upper case":        strings.ToUpper(text),
		"one upper case":    "52Db" + text[4:],
		"prefix 0x":         "0x" + text[2:],
		"no digit":          "g" + text[1:],
		"space before":      " " + text,
		"line feed after":   text + "\n",
		"fullwidth digits":  "５" + text[3:],
		"zero byte":         "\x00" + text[1:],
		"punctuation digit": ":" + text[1:],
	} {
		t.Run(name, func(t *testing.T) {
			if h, err := ParseHash(in); err == nil {
				t.Errorf("accepted as %s", h)
			}
		})
	}
	keep := Hash{1}
	if err := keep.UnmarshalText([]byte("00")); err == nil || keep != (Hash{1}) {
		t.Errorf("a failed read gave %s, %v", keep, err)
	}
}
