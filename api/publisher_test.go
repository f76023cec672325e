package api_test

import (
	"crypto/rand"
	"log/slog"

	"golang.org/x/mod/sumdb/note"

	"kleroterion/service"
	"kleroterion/service/audit/checkpoint"
	"kleroterion/store"
	"kleroterion/store/publish"
)

// publisher is the real one, in files of the test's own.
func (w *town) publisher(db *store.DB) (service.Publisher, []byte, note.Signer) {
	skey, vkey, err := note.GenerateKey(rand.Reader, "test/log")
	must(w.t, err)
	signer, err := note.NewSigner(skey)
	must(w.t, err)
	w.vkey = vkey
	must(w.t, db.KeepInstance(w.t.Context(), store.Instance{Origin: "test/log", VKey: vkey, CreatedAt: genesis}))
	p, err := publish.New(publish.Options{DB: db, Signer: signer, VKey: vkey, Dir: w.public, Logger: slog.New(slog.DiscardHandler)})
	must(w.t, err)
	must(w.t, p.Reconcile(w.t.Context()))
	w.run(p.Run)
	policy, err := checkpoint.LogPolicy(vkey)
	must(w.t, err)
	return p, []byte(policy.Text()), signer
}
