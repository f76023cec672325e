package e2e

import (
	"bytes"
	"context"
	"encoding/hex"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"kleroterion/api/client"
	"kleroterion/cmd/kleroterion/offline"
	"kleroterion/randomness/beacon"
	"kleroterion/randomness/register"
	"kleroterion/randomness/sortition"
	"kleroterion/service/audit/bundle"
	"kleroterion/service/audit/checkpoint"
	"kleroterion/service/audit/verify"
)

// auditor is a stranger who knows the log's key and nothing else.
type auditor struct {
	t    testing.TB
	opts verify.Options
}

func newAuditor(t testing.TB, vkey string) *auditor {
	t.Helper()
	policy := got(checkpoint.LogPolicy(vkey))(t)
	return &auditor{t, verify.Options{Policy: &policy, Chains: beacon.Pinned()}}
}

// log checks the published folder, which must continue what this auditor saw the last time.
func (a *auditor) log(public string) {
	a.t.Helper()
	src := got(offline.Source(public))(a.t)
	a.holds(got(verify.Log(context.WithoutCancel(a.t.Context()), src, a.opts))(a.t))
	head, _, err := checkpoint.Open(got(src.Read(a.t.Context(), "checkpoint"))(a.t), *a.opts.Policy)
	must(a.t, err)
	a.opts.Saved = &head
}

// bundle checks one draw's file.
func (a *auditor) bundle(file []byte) {
	a.t.Helper()
	opened := got(bundle.Open(bytes.NewReader(file), int64(len(file))))(a.t)
	a.holds(got(verify.Bundle(context.WithoutCancel(a.t.Context()), opened, a.opts))(a.t))
}

func (a *auditor) holds(r verify.Report) {
	a.t.Helper()
	if r.OK {
		return
	}
	var text strings.Builder
	must(a.t, verify.Fprint(&text, r))
	a.t.Fatalf("the auditor is not convinced:\n%s", &text)
}

// expected draws again from the manifest, the public file and the round that the manifest names, with
// nothing of the service's own.
func expected(t testing.TB, i *client.Instance, d client.Draw, sign func(round uint64) (beacon.Beacon, error)) []byte {
	t.Helper()
	m := got(sortition.ParseManifest(d.Manifest))(t)
	var file bytes.Buffer
	got(i.DownloadRegister(t.Context(), m.Register.Root.String(), &file))(t)
	list := got(register.Read(&file))(t)
	result := got(sortition.Draw(m, list, got(sign(m.Beacon.Round))(t)))(t)
	return got(result.Canonical())(t)
}

// holders returns the files below dir that hold one of the words, in any of the forms in which text
// may lie in a file: as it is, and in hexadecimal.
func holders(t testing.TB, dir string, words ...string) []string {
	t.Helper()
	var found []string
	must(t, filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || !e.Type().IsRegular() {
			return err
		}
		data, err := os.ReadFile(path)
		for _, w := range holding(data, words...) {
			found = append(found, path+": "+w)
		}
		return err
	}))
	return found
}

// holding returns the words that data holds.
func holding(data []byte, words ...string) []string {
	var found []string
	lower := bytes.ToLower(data)
	for _, w := range words {
		w = strings.ToLower(w)
		if bytes.Contains(lower, []byte(w)) || bytes.Contains(lower, []byte(hex.EncodeToString([]byte(w)))) {
			found = append(found, w)
		}
	}
	return found
}
