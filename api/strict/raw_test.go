package strict

import (
	"encoding/json"
	"testing"
)

type envelope struct {
	First  string          `json:"first,omitempty"`
	Object json.RawMessage `json:"object"`
	After  []int64         `json:"after,omitempty"`
}

func TestDecodeKeepsObjectsByteForByte(t *testing.T) {
	const object = "{ \"b\":1.50,\n\"a\":[null,{\"x\":\"\\u00e9\"}],\"a\":2 }"
	var got envelope
	if faults := Decode([]byte(`{"first":"x","object": `+object+` ,"after":[1,2]}`), &got); faults != nil {
		t.Fatalf("Decode: %v", faults)
	}
	if string(got.Object) != object || got.First != "x" || len(got.After) != 2 {
		t.Errorf("got %q and %+v, want %q", got.Object, got, object)
	}
	var whole json.RawMessage
	if faults := Decode([]byte(" "+object+"\n"), &whole); faults != nil || string(whole) != object {
		t.Errorf("alone: %q, %v", whole, faults)
	}
}

func TestDecodeRefusesWhatIsNoObject(t *testing.T) {
	for _, tt := range []struct{ name, body, pointer, rule string }{
		{"a string", `{"object":"{}"}`, "/object", RuleType},
		{"a list", `{"object":[{}]}`, "/object", RuleType},
		{"a number", `{"object":1}`, "/object", RuleType},
		{"null", `{"object":null}`, "/object", RuleType},
		{"an object cut short", `{"object":{"a":1`, "/object", RuleSyntax},
		{"nothing", `{"object":`, "/object", RuleSyntax},
		{"an object with a comma too many", `{"object":{"a":1,}}`, "/object", RuleSyntax},
		{"two objects", `{"object":{}{}}`, "", RuleSyntax},
		{"the member twice", `{"object":{},"object":{}}`, "/object", RuleDuplicate},
		{"no object", `{}`, "/object", RuleRequired},
		{"half a surrogate pair inside", `{"object":{"a":"\ud800"}}`, "", RuleEncoding},
		{"bytes that are not UTF-8 inside", "{\"object\":{\"a\":\"\xff\"}}", "", RuleEncoding},
		{"bytes after", `{"object":{}} {}`, "", RuleTrailing},
	} {
		var got envelope
		faults := Decode([]byte(tt.body), &got)
		if len(faults) != 1 || faults[0].Pointer != tt.pointer || faults[0].Rule != tt.rule {
			t.Errorf("%s: got %+v, want %s at %q", tt.name, faults, tt.rule, tt.pointer)
		}
	}
}
