package verify

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"strings"

	"kleroterion/randomness/beacon"
	"kleroterion/service/audit"
	"kleroterion/service/audit/bundle"
	"kleroterion/service/audit/checkpoint"
)

const (
	maxSmall = 256 << 10 // bytes of a record, proof, beacon, chain or policy
	maxLarge = 512 << 20 // bytes of a result, roll or transcript
)

// unpacked is what the bundles of every kind have.
type unpacked struct {
	ctx  context.Context
	b    *bundle.Bundle
	opts Options

	damage  []string               // what check 1 found
	beacons map[string]beacon.File // by path
	policy  []byte                 // policy.txt
	infos   map[beacon.Hash][]byte // chains/
	chains  beacon.Chains          // known, and described in the bundle

	head      checkpoint.Checkpoint // from check 2
	witnessed checkpoint.Witnessed
}

func unpack(ctx context.Context, b *bundle.Bundle, opts Options) unpacked {
	return unpacked{ctx: ctx, b: b, opts: opts, chains: opts.chains(), beacons: map[string]beacon.File{}, infos: map[beacon.Hash][]byte{}}
}

// readSmall reads a file, and keeps what is of the same form in every bundle. A digest that differs is
// kept for check 1; an error is one of reading.
func (u *unpacked) readSmall(f bundle.File) ([]byte, error) {
	data, err := u.b.ReadFile(f.Path, maxSmall)
	if err != nil && !errors.Is(err, bundle.ErrDamaged) {
		return nil, err
	}
	u.digest(f, sha256.Sum256(data), int64(len(data)), err)
	switch dir, name, _ := strings.Cut(f.Path, "/"); dir {
	case bundle.PolicyPath:
		u.policy = data
	case "beacons":
		if b, err := beacon.ParseFile(data); err == nil {
			u.beacons[f.Path] = b
		}
	case "chains":
		if h, err := beacon.ParseHash(strings.TrimSuffix(name, ".json")); err == nil {
			u.infos[h] = data
		}
	}
	return data, nil
}

// digest compares what a file holds with what bundle.json says; read is how reading it ended.
func (u *unpacked) digest(f bundle.File, sum audit.Hash, size int64, read error) {
	if sum != f.SHA256 || size != f.Bytes {
		u.damage = append(u.damage, fmt.Sprintf("%s has SHA-256 %s and %s bytes, listed are %s and %s",
			f.Path, short(sum), count(size), short(f.SHA256), count(f.Bytes)))
	} else if name, ok := strings.CutPrefix(f.Path, "blobs/"); ok && name != sum.String() {
		u.damage = append(u.damage, fmt.Sprintf("%s is named after another digest than its own", f.Path))
	} else if errors.Is(read, bundle.ErrDamaged) {
		u.damage = append(u.damage, fmt.Sprintf("%s: the zip names another CRC-32 than its content has", f.Path))
	}
}

// readLarge reads a blob into memory.
func (u *unpacked) readLarge(f bundle.File) ([]byte, error) {
	r, err := u.stream(f)
	if err != nil {
		return nil, err
	}
	if f.Bytes > maxLarge {
		return nil, fmt.Errorf("%s has %d bytes, this verifier reads at most %d", f.Path, f.Bytes, maxLarge)
	}
	var data bytes.Buffer
	_, err = io.Copy(&data, io.LimitReader(r, maxLarge+1))
	if err != nil && !errors.Is(err, bundle.ErrDamaged) {
		return nil, err
	}
	u.digest(f, sha256.Sum256(data.Bytes()), int64(data.Len()), err)
	return data.Bytes(), nil
}

func (u *unpacked) hashBlob(f bundle.File) error {
	r, err := u.stream(f)
	if err != nil {
		return err
	}
	sum := sha256.New()
	n, err := io.Copy(sum, r)
	if err != nil && !errors.Is(err, bundle.ErrDamaged) {
		return err
	}
	u.digest(f, audit.Hash(sum.Sum(nil)), n, err)
	return nil
}

// stream reads a large file, tells progress and ends when the context does.
func (u *unpacked) stream(f bundle.File) (io.Reader, error) {
	r, err := u.b.Reader(f.Path)
	if err != nil {
		return nil, err
	}
	return &watched{r: r, u: u, total: f.Bytes}, nil
}

type watched struct {
	r           io.Reader
	u           *unpacked
	done, total int64
}

func (w *watched) Read(p []byte) (int, error) {
	if err := w.u.ctx.Err(); err != nil {
		return 0, err
	}
	n, err := w.r.Read(p)
	w.done += int64(n)
	w.u.opts.progress("files", w.done, w.total)
	return n, err
}

func (u *unpacked) filesMatch() (string, error) {
	if len(u.damage) > 0 {
		return "", errors.New(few(u.damage))
	}
	total := int64(0)
	for _, f := range u.b.Index.Files {
		total += f.Bytes
	}
	return fmt.Sprintf("%s, %s", plural(int64(len(u.b.Index.Files)), "file", "files"), plural(total, "byte", "bytes")), nil
}

// signed opens the one checkpoint under which all proofs stand. note is nil when no proof can be read.
func (u *unpacked) signed(note []byte) (string, error) {
	if note == nil {
		return "", errors.New("no proof can be read: there is no checkpoint")
	}
	pol, whose, err := u.trusted()
	if err != nil {
		return "", err
	}
	if u.head, u.witnessed, err = checkpoint.Open(note, pol); err != nil {
		return "", fmt.Errorf("%w (under %s)", err, whose)
	}
	return fmt.Sprintf("log %s signed %s, under %s; %s", u.head.Origin, plural(u.head.Size, "record", "records"), whose,
		cosigners(u.witnessed, pol)), nil
}

// trusted is the policy that the auditor brings, else the bundle's own.
func (u *unpacked) trusted() (checkpoint.Policy, string, error) {
	if u.opts.Policy != nil {
		return *u.opts.Policy, "the policy you brought", nil
	}
	pol, err := checkpoint.ParsePolicy(u.policy)
	if err != nil {
		return checkpoint.Policy{}, "", fmt.Errorf("the bundle's own policy.txt: %w", err)
	}
	return pol, "the bundle's own policy", nil
}

// addDevChains takes the dev chains that the bundle describes. They make a rehearsal, never the real
// thing: beacon.Chains lets nothing unpinned be live.
func (u *unpacked) addDevChains() error {
	for hash, info := range u.infos {
		c, err := beacon.ParseInfo(info)
		switch {
		case err != nil:
			return fmt.Errorf("chains/%s.json: %w", hash, err)
		case c.Hash != hash || !bytes.Equal(c.InfoV2(), info):
			return fmt.Errorf("chains/%s.json is not the description of that chain in drand's v2 form", hash)
		case c.Status != beacon.StatusDev:
			return fmt.Errorf("chains/%s.json describes the chain %s, which is pinned", hash, c.Name)
		}
		if known, ok := u.chains.Lookup(hash); ok {
			if err := known.Matches(c); err != nil {
				return fmt.Errorf("chains/%s.json: %w", hash, err)
			}
			continue
		}
		if u.chains, err = u.chains.With(c); err != nil {
			return fmt.Errorf("chains/%s.json: %w", hash, err)
		}
	}
	return nil
}
