package e2e

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"kleroterion/randomness/canonical"
	"kleroterion/randomness/register"
)

// drawVectors is docs/spec/vectors/draw.json as far as files are made of it.
type drawVectors struct {
	Signature string            `json:"signature"`
	Entries   []json.RawMessage `json:"entries"`
	Vectors   []struct {
		Manifest json.RawMessage `json:"manifest"`
		Commit   string          `json:"commit"`
		Seed     string          `json:"seed"`
		Result   json.RawMessage `json:"result,omitempty"`
		Panel    *int64          `json:"panel,omitempty"`
	} `json:"vectors"`
}

// writeVectors is the command `vectors FILE`: it lays the draw vectors out as files in the current
// folder, as a city would give them.
func writeVectors() {
	if err := layOut(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}

func layOut(file string) error {
	b, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	var v drawVectors
	if err := json.Unmarshal(b, &v); err != nil {
		return err
	}
	if err := v.writeRegister(); err != nil {
		return err
	}
	beacon := fmt.Sprintf("{\"round\": 1000, \"signature\": %q}\n", v.Signature)
	if err := os.WriteFile("beacon.json", []byte(beacon), 0o600); err != nil {
		return err
	}
	for i := range v.Vectors {
		if err := v.writeDraw(i); err != nil {
			return fmt.Errorf("vector %d: %w", i+1, err)
		}
	}
	return nil
}

// writeRegister writes entries.jsonl as the root is taken of it, and loose.jsonl with the same people
// backwards and laid out otherwise.
func (v drawVectors) writeRegister() error {
	var list []register.Entry
	var loose bytes.Buffer
	for _, raw := range slices.Backward(v.Entries) {
		plain, err := canonical.Transform(raw)
		if err != nil {
			return err
		}
		e, err := register.ParseLine(plain)
		if err != nil {
			return err
		}
		list = append(list, e)
		if err := json.Compact(&loose, raw); err != nil { // its members stay in another order
			return err
		}
		loose.WriteString("\r\n")
	}
	r, err := register.FromEntries(list)
	if err != nil {
		return err
	}
	var file bytes.Buffer
	if _, err := r.WriteTo(&file); err != nil {
		return err
	}
	if err := os.WriteFile("loose.jsonl", loose.Bytes(), 0o600); err != nil {
		return err
	}
	return os.WriteFile("entries.jsonl", file.Bytes(), 0o600)
}

// writeDraw writes the manifest in its canonical form and laid out for people, and what is expected.
func (v drawVectors) writeDraw(i int) error {
	w := v.Vectors[i]
	manifest, err := canonical.Transform(w.Manifest)
	if err != nil {
		return err
	}
	var pretty bytes.Buffer
	if err := json.Indent(&pretty, w.Manifest, "", "    "); err != nil {
		return err
	}
	expected := map[string]any{"commit": w.Commit, "seed": w.Seed}
	if w.Panel != nil {
		expected["panel"] = *w.Panel
	} else {
		expected["result"] = w.Result
	}
	loose, err := json.Marshal(expected)
	if err != nil {
		return err
	}
	answer, err := canonical.Transform(loose)
	if err != nil {
		return err
	}
	for name, data := range map[string][]byte{"manifest.json": manifest, "pretty.json": pretty.Bytes(), "expected.json": append(answer, '\n')} {
		if err := os.WriteFile(filepath.Clean(fmt.Sprintf("%d-%s", i+1, name)), data, 0o600); err != nil {
			return err
		}
	}
	return nil
}
