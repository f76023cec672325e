package verify

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"strings"

	"kleroterion/randomness/beacon"
	"kleroterion/randomness/register"
	"kleroterion/randomness/sortition"
	"kleroterion/service/audit"
	"kleroterion/service/audit/bundle"
)

// role is what a record says that a blob is.
type role int

const (
	roleNone role = iota
	roleRegister
	roleResult
	rolePanels
)

// roles lists the blobs that the records name.
func (e *evidence) roles() map[audit.Hash]role {
	named := map[audit.Hash]role{}
	for _, r := range e.records {
		switch b := r.body.(type) {
		case audit.RegisterCommit:
			named[b.File] = roleRegister
		case audit.DrawResult:
			named[b.Result.SHA256] = roleResult
		case audit.DrawOpen:
			if m, err := sortition.ParseManifest(b.Manifest); err == nil && m.Panels != nil {
				named[m.Panels.FileSHA256] = rolePanels
			}
		}
	}
	return named
}

// loadBlobs reads registers into their compact form and results into memory; package register takes
// the digest on the way, so the largest file is read once.
func (e *evidence) loadBlobs() error {
	named := e.roles()
	for _, f := range e.b.Index.Files {
		name, ok := strings.CutPrefix(f.Path, "blobs/")
		if !ok {
			continue
		}
		h, err := beacon.ParseHash(name)
		if err != nil {
			return err
		}
		if err := e.loadBlob(f, h, named[h]); err != nil {
			return err
		}
	}
	return nil
}

func (e *evidence) loadBlob(f bundle.File, h audit.Hash, as role) error {
	switch as {
	case roleRegister:
		return e.loadRegister(f, h)
	case roleResult:
		return e.loadResult(f, h)
	case roleNone:
		e.damage = append(e.damage, f.Path+" is named by no record")
	}
	return e.hashBlob(f)
}

func (e *evidence) loadRegister(f bundle.File, h audit.Hash) error {
	r, err := e.stream(f)
	if err != nil {
		return err
	}
	reg, err := register.Read(r)
	var refused *register.Refusal
	switch {
	case err == nil:
		e.digest(f, reg.FileSHA256(), reg.Bytes())
		e.registers[h] = registerFile{Register: reg}
		return nil
	case errors.As(err, &refused) || errors.Is(err, bundle.ErrDamaged):
		// The reader stopped at the fault, so the digest takes a second pass.
		e.registers[h] = registerFile{fault: err}
		return e.hashBlob(f)
	}
	return err
}

func (e *evidence) loadResult(f bundle.File, h audit.Hash) error {
	r, err := e.stream(f)
	if err != nil {
		return err
	}
	if f.Bytes > maxResult {
		return fmt.Errorf("%s has %d bytes, a result has at most %d", f.Path, f.Bytes, maxResult)
	}
	var data bytes.Buffer
	if _, err := io.Copy(&data, io.LimitReader(r, maxResult+1)); err != nil && !errors.Is(err, bundle.ErrDamaged) {
		return err
	}
	e.digest(f, sha256.Sum256(data.Bytes()), int64(data.Len()))
	e.results[h] = data.Bytes()
	return nil
}

func (e *evidence) hashBlob(f bundle.File) error {
	r, err := e.stream(f)
	if err != nil {
		return err
	}
	sum := sha256.New()
	n, err := io.Copy(sum, r)
	if err != nil && !errors.Is(err, bundle.ErrDamaged) {
		return err
	}
	e.digest(f, audit.Hash(sum.Sum(nil)), n)
	return nil
}

// stream reads a blob, tells progress and ends when the context does.
func (e *evidence) stream(f bundle.File) (io.Reader, error) {
	r, err := e.b.Reader(f.Path)
	if err != nil {
		return nil, err
	}
	return &watched{r: r, e: e, total: f.Bytes}, nil
}

type watched struct {
	r           io.Reader
	e           *evidence
	done, total int64
}

func (w *watched) Read(p []byte) (int, error) {
	if err := w.e.ctx.Err(); err != nil {
		return 0, err
	}
	n, err := w.r.Read(p)
	w.done += int64(n)
	w.e.opts.progress("files", w.done, w.total)
	return n, err
}

func (e *evidence) filesMatch() (string, error) {
	if len(e.damage) > 0 {
		return "", errors.New(few(e.damage))
	}
	total := int64(0)
	for _, f := range e.b.Index.Files {
		total += f.Bytes
	}
	return fmt.Sprintf("%s, %s", plural(int64(len(e.b.Index.Files)), "file", "files"), plural(total, "byte", "bytes")), nil
}
