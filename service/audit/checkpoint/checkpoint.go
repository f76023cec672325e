package checkpoint

import (
	"crypto/ed25519"
	"crypto/sha256"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"

	"kleroterion/service/audit"
)

const (
	maxInt    = 1<<53 - 1 // largest integer of canonical bytes; x/mod's tlog does not end above 2^62
	maxOrigin = 200
)

// Checkpoint is the head of a log: the root of the tree over its first Size records.
type Checkpoint struct {
	Origin string // the log's name, and the name of its key
	Size   int64  // 0 to 2^53-1
	Root   audit.Hash
}

// Text returns the note text: origin, size and base64 root, a line each.
func (c Checkpoint) Text() string {
	return fmt.Sprintf("%s\n%d\n%s\n", c.Origin, c.Size, encode64(c.Root[:]))
}

// Parse is the inverse of Text and accepts nothing else: three lines, LF only, a size without leading
// zeros, canonical base64 of 32 bytes. https://c2sp.org/tlog-checkpoint@v1.0.0
func Parse(text string) (Checkpoint, error) {
	lines := strings.Split(text, "\n")
	if len(lines) != 4 || lines[3] != "" {
		return Checkpoint{}, errors.New("checkpoint: want the three lines origin, size and root, each ended by a newline")
	}
	size, err := parseInt(lines[1])
	if err != nil {
		return Checkpoint{}, fmt.Errorf("checkpoint: size: %w", err)
	}
	root, err := parseHash(lines[2])
	if err != nil {
		return Checkpoint{}, fmt.Errorf("checkpoint: root: %w", err)
	}
	c := Checkpoint{Origin: lines[0], Size: size, Root: root}
	if err := c.check(); err != nil {
		return Checkpoint{}, err
	}
	return c, nil
}

func (c Checkpoint) check() error {
	if err := checkName(c.Origin); err != nil {
		return fmt.Errorf("checkpoint: origin: %w", err)
	}
	if len(c.Origin) > maxOrigin {
		return fmt.Errorf("checkpoint: origin has %d bytes, at most %d are allowed", len(c.Origin), maxOrigin)
	}
	if c.Size < 0 || c.Size > maxInt {
		return fmt.Errorf("checkpoint: size %d is outside 0 to 2^53-1", c.Size)
	}
	if c.Size == 0 && c.Root != sha256.Sum256(nil) {
		return errors.New("checkpoint: size 0 with a root that is not that of the empty tree")
	}
	return nil
}

// Sign returns the signed note of c. The key must be an Ed25519 note key named as the origin. The
// same checkpoint and key give the same bytes every time.
func Sign(c Checkpoint, signer note.Signer) ([]byte, error) {
	if err := c.check(); err != nil {
		return nil, err
	}
	if signer.Name() != c.Origin {
		return nil, fmt.Errorf("checkpoint: the key is named %q, the origin is %q: they must be the same", signer.Name(), c.Origin)
	}
	b, err := note.Sign(&note.Note{Text: c.Text()}, signer)
	if err != nil {
		return nil, fmt.Errorf("checkpoint signature: %w", err)
	}
	n, err := splitNote(b)
	if err != nil {
		return nil, fmt.Errorf("checkpoint signature: %w", err)
	}
	if got := len(n.sigs[0].sig); got != ed25519.SignatureSize {
		return nil, fmt.Errorf("checkpoint signature: %d bytes, want the %d of Ed25519", got, ed25519.SignatureSize)
	}
	return b, nil
}

// parseInt reads 0 to 2^53-1 in decimal without sign or leading zeros.
func parseInt(s string) (int64, error) {
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || n < 0 || n > maxInt || strconv.FormatInt(n, 10) != s {
		return 0, fmt.Errorf("%.40q is not 0 to 2^53-1 in plain decimal", s)
	}
	return n, nil
}
