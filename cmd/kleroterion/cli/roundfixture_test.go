package cli_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"os"

	"kleroterion/randomness/beacon"
	"kleroterion/service/audit"
	"kleroterion/service/audit/bundle"
	"kleroterion/service/grants"
)

// sentRound is a round of round.json.
type sentRound struct {
	Name     string
	Manifest json.RawMessage
	Records  []struct {
		Body map[string]any
		Kind audit.Kind
	}
}

// rounds writes NAME-round.json of each round of round.json, what was sent to become its records, the
// chain's info, the keys of two owners, a donor and a connector, and texts.
func (f folder) rounds() error {
	text, err := os.ReadFile(vectorDir + "round.json")
	if err != nil {
		return err
	}
	var v struct {
		Chain  json.RawMessage
		Rounds []sentRound
	}
	if err := json.Unmarshal(text, &v); err != nil {
		return err
	}
	errs := []error{f.put("round-info.json", v.Chain), f.put("about.md", []byte("about mill")), f.put("why.md", []byte("look again")),
		f.put("latin1.md", []byte("m\xfchle"))}
	for _, r := range v.Rounds {
		errs = append(errs, f.put(r.Name+"-round.json", r.Manifest), f.sent(r))
	}
	for _, who := range []string{"ada", "bo", "cy", "bank"} {
		errs = append(errs, f.key(who+"-gives.json", "grants tests: "+who))
	}
	return errors.Join(errs...)
}

// sent writes NAME-gift-N.json for the N-th gift of a round, and NAME-ACT-PROJECT.json for what an owner
// signed about the project.
func (f folder) sent(r sentRound) error {
	var errs []error
	gifts := 0
	for _, rec := range r.Records {
		delete(rec.Body, "at") // the service's
		switch {
		case rec.Kind == audit.KindGiftAdd:
			gifts++
			errs = append(errs, f.object(fmt.Sprintf("%s-gift-%d.json", r.Name, gifts), rec.Body))
		case rec.Kind == audit.KindProjectMove && rec.Body["signature"] != nil:
			name := fmt.Sprintf("%s-%s-%s.json", r.Name, rec.Body["act"], rec.Body["project"])
			switch rec.Body["act"] {
			case string(grants.Apply):
				delete(rec.Body, "act") // the address says it, and of other acts the project
				rec.Body["text"] = fmt.Sprintf("about %s", rec.Body["project"])
			case string(grants.Change):
				rec.Body["text"] = fmt.Sprintf("about %s", rec.Body["project"])
				delete(rec.Body, "project")
			case string(grants.Appeal):
				rec.Body["text"] = "look again"
				delete(rec.Body, "project")
			default:
				delete(rec.Body, "project")
			}
			errs = append(errs, f.object(name, rec.Body))
		}
	}
	return errors.Join(errs...)
}

// giftReceipts writes a true receipt for the first gift of a round's bundle, and false ones.
func (f folder) giftReceipts() error {
	packed, err := os.ReadFile(vectorDir + "bundles/round-good-rehearsal.klero")
	if err != nil {
		return err
	}
	b, err := bundle.Open(bytes.NewReader(packed), int64(len(packed)))
	if err != nil {
		return err
	}
	thread, err := b.ReadFile(bundle.ThreadPath(b.Index.Threads()-1), 1<<20)
	if err != nil {
		return err
	}
	signer, _, err := logSigner()
	if err != nil {
		return err
	}
	honest, err := promised(bytes.Split(bytes.TrimSuffix(thread, []byte("\n")), []byte("\n")))
	if err != nil {
		return err
	}
	honest.Log = signer.Name()
	errs := []error{f.put("round.klero", packed)}
	for name, change := range map[string]func(*grants.Receipt){
		"gift-receipt.json":        func(*grants.Receipt) {},
		"gift-broken-promise.json": func(r *grants.Receipt) { r.Gift[0] ^= 1 },
		"gift-other-leaf.json":     func(r *grants.Receipt) { r.Leaf[0] ^= 1 },
		"gift-other-place.json":    func(r *grants.Receipt) { r.N-- },
		"gift-later.json":          func(r *grants.Receipt) { r.N = 1_000_000 },
		"gift-other-round.json":    func(r *grants.Receipt) { r.Round = beacon.Hash{1} },
		"gift-other-log.json":      func(r *grants.Receipt) { r.Log = "log.example.org/others" },
		"gift-version-2.json":      func(r *grants.Receipt) { r.V = 2 },
	} {
		r := honest
		change(&r)
		errs = append(errs, f.signed(name, r, place{r.Index, r.N}, signer))
	}
	return errors.Join(errs...)
}

// promised is what the log would have promised about the first gift of a round.
func promised(lines [][]byte) (r grants.Receipt, err error) {
	for _, line := range lines {
		rec, err := audit.Decode(line)
		if err != nil {
			return r, err
		}
		body, err := rec.Decoded()
		if err != nil {
			return r, err
		}
		switch b := body.(type) {
		case audit.RoundOpen:
			r.Round = b.Hash
		case audit.GiftAdd:
			r.At, r.Gift, r.Index, r.Leaf, r.N, r.V = b.At, sha256.Sum256(rec.Body), 40, audit.LeafHash(line), rec.N, 1
			return r, nil
		}
	}
	return r, errors.New("the round has no gift")
}
