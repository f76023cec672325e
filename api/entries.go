package api

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"

	"kleroterion/randomness/beacon"
)

// Proof shows that one entry is in a frozen register: hashing entry and path by RFC 9162 section
// 2.1.3.2 gives root.
type Proof struct {
	Entry string   `json:"entry" description:"the line of the public file, without its line feed"`
	Index int64    `json:"index" description:"which line, from 0"`
	Path  []string `json:"path" description:"hashes from the leaf to the root"`
	Root  string   `json:"root"`
	Size  int64    `json:"size" description:"lines in the file"`
}

type byRoot struct {
	Root string `path:"root" validate:"hash"`
}

type entryOf struct {
	Root  string `path:"root" validate:"hash"`
	Entry string `path:"entry" validate:"hash" description:"the id in the letter"`
}

func (a *API) entryRoutes() []route {
	return []route{
		download(operation{
			method: "GET", path: "/v1/registers/by-root/{root}/file", id: "getRegisterFile", tag: "registers", media: "application/jsonl",
			summary: "Download a frozen register's public file",
			about:   "One canonical entry a line, sorted by id. The trailer Repr-Digest has its SHA-256.",
		}, a.getRegisterFile),
		define(operation{
			method: "GET", path: "/v1/registers/by-root/{root}/entries/{entry}", id: "getEntry", tag: "registers",
			summary: "Prove one person's line", about: "The entry with this id and the proof that it is in the register with this root.",
		}, a.getEntry),
	}
}

func (a *API) getRegisterFile(ctx context.Context, q asked[byRoot], w *outflow) error {
	w.named("register-" + q.in.Root[:12] + ".jsonl")
	w.cached(cacheForever)
	if w.tagged(`"` + q.in.Root + `"`) { // the root fixes every line
		return nil
	}
	root, err := beacon.ParseHash(q.in.Root)
	if err != nil {
		return err
	}
	sum := sha256.New()
	w.c.Header("Trailer", "Repr-Digest")
	w.trailer = func() (string, string) { return "Repr-Digest", reprDigest(sum.Sum(nil)) }
	_, err = a.Service.RegisterFile(ctx, root, tee{w, sum})
	return err
}

// reprDigest is the header of RFC 9530.
func reprDigest(sum []byte) string {
	return "sha-256=:" + base64.StdEncoding.EncodeToString(sum) + ":"
}

func (a *API) getEntry(ctx context.Context, q asked[entryOf]) (answer[Proof], error) {
	root, id, err := rootAndID(q.in.Root, q.in.Entry)
	if err != nil {
		return answer[Proof]{}, err
	}
	p, err := a.Service.Line(ctx, root, id)
	body := Proof{Entry: p.Entry, Index: p.Index, Path: orEmpty(p.Path), Root: p.Root, Size: p.Size}
	return answer[Proof]{body: body, cache: cacheForever}, err
}

func rootAndID(rootText, idText string) (root beacon.Hash, id [32]byte, err error) {
	if root, err = beacon.ParseHash(rootText); err != nil {
		return root, id, err
	}
	id, err = parseID(idText)
	return root, id, err
}

func parseID(text string) (id [32]byte, err error) {
	b, err := hex.DecodeString(text)
	if err != nil || len(b) != len(id) {
		return id, fmt.Errorf("id of %d characters passed validation", len(text))
	}
	return [32]byte(b), nil
}
