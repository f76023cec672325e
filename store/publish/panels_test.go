package publish

import (
	"crypto/sha256"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"kleroterion/randomness/beacon"
	"kleroterion/randomness/sortition"
	"kleroterion/service"
	"kleroterion/service/audit"
)

// opened adds the opening of a draw, of method panels where it has a file.
func (s *scene) opened(decision string, file []byte) {
	s.t.Helper()
	m := &sortition.Manifest{V: 1, Draw: "city/bonn/jury/" + decision, Seq: 1, Method: sortition.Simple,
		Register: sortition.RegisterRef{Root: beacon.Hash{1}, Size: 9}, Beacon: sortition.Round{Chain: beacon.Hash{2}, Round: 5}}
	if file == nil {
		m.Strata = []sortition.Stratum{{Seats: 1}}
	} else {
		m.Method, m.Panels = sortition.Panels, &sortition.PanelList{Count: 1, FileSHA256: sha256.Sum256(file), Root: beacon.Hash{3}}
	}
	text, err := m.Canonical()
	s.must(err)
	s.write(func(tx service.Tx) error {
		if file != nil {
			if _, err := tx.AddBlob(file); err != nil {
				return err
			}
		}
		_, err := tx.Append(audit.KindDrawOpen, m.Draw, nil, audit.DrawOpen{Manifest: text, Commit: sortition.CommitBytes(text)})
		return err
	})
}

func TestAPanelFileIsPublishedWithTheOpeningThatNamesIt(t *testing.T) {
	s := newScene(t)
	p := s.publisher()
	file := []byte(`{"certificate":{}}`)
	s.opened("plain", nil)
	s.opened("panels", file)
	s.opened("again", file)
	s.must(p.Step(t.Context()))
	got := tree(t, s.dir)
	if name := BlobName(sha256.Sum256(file)); got[name] != string(file) {
		t.Errorf("%s has %q, want the panel file", name, got[name])
	}
	if n := s.verified(s.dir).Size; n != 3 {
		t.Errorf("the checkpoint covers %d records, want 3", n)
	}
}

// What a checkpoint covers is public, or there is no checkpoint.
func TestNoCheckpointCoversAnOpeningWithoutItsPanelFile(t *testing.T) {
	for name, damage := range map[string]string{
		"lost":    "DELETE FROM blobs",
		"changed": "UPDATE blobs SET data = CAST('{\"certificate\":[]}' AS BLOB)",
	} {
		t.Run(name, func(t *testing.T) {
			s := newScene(t)
			s.beats(1)
			s.must(s.publisher().Step(t.Context()))
			file := []byte(`{"certificate":{}}`)
			s.opened("panels", file)
			s.sql(damage)
			err := s.publisher().Step(t.Context())
			var refusal *Refusal
			if name == "lost" && !errors.Is(err, service.ErrNotFound) || name == "changed" && (!errors.As(err, &refusal) || refusal.Rule != ruleDamagedLog) {
				t.Errorf("got %v", err)
			}
			if n := s.verified(s.dir).Size; n != 1 {
				t.Errorf("the checkpoint covers %d records, want 1", n)
			}
			if _, err := os.Stat(filepath.Join(s.dir, filepath.FromSlash(BlobName(sha256.Sum256(file))))); !errors.Is(err, os.ErrNotExist) {
				t.Errorf("a panel file was published: %v", err)
			}
		})
	}
}
