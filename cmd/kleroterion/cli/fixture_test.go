package cli_test

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
	"golang.org/x/mod/sumdb/note"

	"kleroterion/randomness/beacon"
	"kleroterion/randomness/canonical"
	"kleroterion/service/audit"
	"kleroterion/service/audit/bundle"
	"kleroterion/service/identity"
	"kleroterion/service/poll"
)

const vectorDir = "../../../docs/spec/vectors/"

// folder writes files into a script's folder.
type folder string

func (f folder) put(name string, data []byte) error {
	return os.WriteFile(filepath.Join(string(f), name), data, 0o600)
}

func (f folder) object(name string, v any) error {
	b, err := canonical.Marshal(v)
	if err != nil {
		return err
	}
	return f.put(name, append(b, '\n'))
}

// layOut gives a script the polls of poll.json and the rounds of round.json as files, the good bundle of a
// poll taken apart, and receipts for a ballot in it and for a gift in the good bundle of a round.
func layOut(e *testscript.Env) error {
	f := folder(e.WorkDir)
	if err := f.polls(e); err != nil {
		return err
	}
	packed, err := os.ReadFile(vectorDir + "bundles/poll-good-rehearsal.klero")
	if err != nil {
		return err
	}
	if err := f.put("poll.klero", packed); err != nil {
		return err
	}
	b, err := bundle.Open(bytes.NewReader(packed), int64(len(packed)))
	if err != nil {
		return err
	}
	records, err := f.unpacked(b)
	if err != nil {
		return err
	}
	if err := f.receipts(e, records); err != nil {
		return err
	}
	if err := f.rounds(); err != nil {
		return err
	}
	return f.giftReceipts()
}

// polls writes NAME-poll.json, NAME-ballots.jsonl, NAME-roll-N.jsonl, NAME-beacon.json and
// NAME-transcript.json of each poll, the chain's info and a voter's key.
func (f folder) polls(e *testscript.Env) error {
	text, err := os.ReadFile(vectorDir + "poll.json")
	if err != nil {
		return err
	}
	var v struct {
		Chain json.RawMessage
		Polls []struct {
			Name                         string
			Manifest, Beacon, Transcript json.RawMessage
			Rolls                        []string
			Records                      []struct{ Body json.RawMessage }
		}
	}
	if err := json.Unmarshal(text, &v); err != nil {
		return err
	}
	files := map[string][]byte{"info.json": v.Chain}
	for _, p := range v.Polls {
		var ballots []byte
		for _, r := range p.Records {
			ballots = append(append(ballots, r.Body...), '\n')
		}
		for i, roll := range p.Rolls {
			files[fmt.Sprintf("%s-roll-%d.jsonl", p.Name, i+1)] = []byte(roll)
		}
		files[p.Name+"-poll.json"], files[p.Name+"-ballots.jsonl"] = p.Manifest, ballots
		files[p.Name+"-beacon.json"], files[p.Name+"-transcript.json"] = p.Beacon, append(p.Transcript, '\n')
	}
	for name, data := range files {
		if err := f.put(name, data); err != nil {
			return err
		}
	}
	closing, err := beacon.ParseFile(v.Polls[0].Beacon)
	if err != nil {
		return err
	}
	e.Setenv("SIGNATURE", hex.EncodeToString(closing.Signature))
	return f.key("cy.json", "poll tests: cy")
}

// key writes the key file of a person of the vectors.
func (f folder) key(name, secret string) error {
	seed := sha256.Sum256([]byte(secret))
	private := ed25519.NewKeyFromSeed(seed[:])
	return f.object(name, map[string]any{"key": identity.Ed25519Key(private.Public().(ed25519.PublicKey)), "seed": canonical.Hex(seed[:])})
}

// unpacked writes log.jsonl, log-poll.json, log-roll-N.jsonl, log-info.json and log-transcript.json from
// a poll's bundle, and returns the records.
func (f folder) unpacked(b *bundle.Bundle) ([][]byte, error) {
	read := func(path string) []byte { data, _ := b.ReadFile(path, 1<<20); return data }
	thread := read(bundle.ThreadPath(b.Index.Threads() - 1))
	lines := bytes.SplitAfter(bytes.TrimSuffix(thread, []byte("\n")), []byte("\n"))
	first, err := audit.Decode(bytes.TrimSuffix(lines[0], []byte("\n")))
	if err != nil {
		return nil, err
	}
	body, err := first.Decoded()
	if err != nil {
		return nil, err
	}
	manifest := body.(audit.PollOpen).Manifest
	m, err := poll.ParseManifest(manifest)
	if err != nil {
		return nil, err
	}
	files := map[string][]byte{"log.jsonl": thread, "log-poll.json": manifest, "log-info.json": read(bundle.ChainPath(m.Beacon.Chain)),
		"log-beacon.json": read(bundle.BeaconPath(m.Beacon.Chain, m.Beacon.Round))}
	for i, r := range m.Rolls {
		files[fmt.Sprintf("log-roll-%d.jsonl", i+1)] = read(bundle.BlobPath(r.File.SHA256))
	}
	for name, data := range files {
		if len(data) == 0 {
			return nil, fmt.Errorf("%s is not in the bundle", name)
		}
		if err := f.put(name, data); err != nil {
			return nil, err
		}
	}
	return lines, nil
}

// receipts writes a true receipt for the second record, as the service would have signed it, and false ones.
func (f folder) receipts(e *testscript.Env, records [][]byte) error {
	signer, vkey, err := logSigner()
	if err != nil {
		return err
	}
	e.Setenv("VKEY", vkey)
	line := bytes.TrimSuffix(records[1], []byte("\n"))
	record, err := audit.Decode(line)
	if err != nil {
		return err
	}
	first, err := audit.Decode(bytes.TrimSuffix(records[0], []byte("\n")))
	if err != nil {
		return err
	}
	body, err := first.Decoded()
	if err != nil {
		return err
	}
	honest := poll.Receipt{At: 1_800_000_000, Ballot: sha256.Sum256(record.Body), Index: 9, Leaf: audit.LeafHash(line), Log: signer.Name(),
		N: 2, Poll: body.(audit.PollOpen).Hash, V: 1}
	for name, change := range map[string]func(*poll.Receipt){
		"receipt.json":        func(*poll.Receipt) {},
		"broken-promise.json": func(r *poll.Receipt) { r.Ballot[0] ^= 1 },
		"other-leaf.json":     func(r *poll.Receipt) { r.Leaf[0] ^= 1 },
		"later.json":          func(r *poll.Receipt) { r.N = 1_000_000 },
		"other-poll.json":     func(r *poll.Receipt) { r.Poll = beacon.Hash{1} },
		"other-log.json":      func(r *poll.Receipt) { r.Log = "log.example.org/others" },
	} {
		r := honest
		change(&r)
		if err := f.signed(name, r, place{r.Index, r.N}, signer); err != nil {
			return err
		}
	}
	return nil
}

// logSigner is the log's key, the same in every run.
func logSigner() (note.Signer, string, error) {
	entropy := strings.NewReader(strings.Repeat("receipts of the tests of commands", 4))
	skey, vkey, err := note.GenerateKey(entropy, "log.example.org/tests")
	if err != nil {
		return nil, "", err
	}
	signer, err := note.NewSigner(skey)
	return signer, vkey, err
}

// place says where in the log a receipt promises something.
type place struct{ index, n int64 }

func (f folder) signed(name string, r any, at place, signer note.Signer) error {
	text, err := canonical.Marshal(r)
	if err != nil {
		return err
	}
	signature, err := signer.Sign(identity.Message(identity.ThingReceipt, text))
	if err != nil {
		return err
	}
	return f.object(name, map[string]any{"index": at.index, "n": at.n, "receipt": r, "signature": hex.EncodeToString(signature)})
}
