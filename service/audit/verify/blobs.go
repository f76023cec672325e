package verify

import (
	"errors"
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
// the digest on the way, so the largest file is read once. Of lists of panels it takes the digest: check
// 10 reads one after another.
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
		e.digest(f, reg.FileSHA256(), reg.Bytes(), nil)
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
	data, err := e.readLarge(f)
	e.results[h] = data
	return err
}
