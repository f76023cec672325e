package offline

import (
	"crypto/ed25519"
	"fmt"
	"io"
	"os"

	"kleroterion/randomness/canonical"
	"kleroterion/service/identity"
)

// keyFile is a private key as it is kept (docs/spec/identity.md): the public key object beside the seed it
// follows from. The pages make such files too, and say in them what the key is for.
type keyFile struct {
	Key   identity.Key  `json:"key"`
	Seats string        `json:"seats,omitempty"` // subject of the seats, of a juror's key
	Seed  canonical.Hex `json:"seed"`            // 32 bytes, private
	Voter string        `json:"voter,omitempty"` // as on the roll, where it is known
}

// NewKey makes an Ed25519 key in a new file that only its owner can read, and writes the public key.
func NewKey(w io.Writer, file string, entropy io.Reader) error {
	public, private, err := ed25519.GenerateKey(entropy)
	if err != nil {
		return fmt.Errorf("entropy for a key: %w", err)
	}
	key := identity.Ed25519Key(public)
	err = freshFile(file, 0o600, "choose another name: a key is never overwritten", func(f io.Writer) error {
		return writeJSON(f, keyFile{Key: key, Seed: canonical.Hex(private.Seed())})
	})
	if err != nil {
		return err
	}
	return writeJSON(w, key)
}

// ShowKey writes the public key of a key file.
func ShowKey(w io.Writer, file string) error {
	private, err := readPrivate(file)
	if err != nil {
		return err
	}
	return writeJSON(w, publicOf(private))
}

func publicOf(private ed25519.PrivateKey) identity.Key {
	return identity.Ed25519Key(private.Public().(ed25519.PublicKey))
}

// readPrivate reads a file of NewKey. What it says is never repeated in an error.
func readPrivate(file string) (ed25519.PrivateKey, error) {
	const hint = "kleroterion key new --out FILE makes such a file"
	var k keyFile
	if err := readObject(file, hint, &k); err != nil {
		return nil, err
	}
	if len(k.Seed) != ed25519.SeedSize {
		return nil, unusablef(hint, "%s: the seed has %d bytes, want %d", file, len(k.Seed), ed25519.SeedSize)
	}
	private := ed25519.NewKeyFromSeed(k.Seed)
	if !publicOf(private).Equal(k.Key) {
		return nil, unusablef(hint, "%s: the public key is not that of the seed", file)
	}
	return private, nil
}

// readPublic reads a public key object.
func readPublic(file string) (identity.Key, error) {
	const hint = "kleroterion key show FILE prints the public key of a key file"
	var k identity.Key
	if err := readObject(file, hint, &k); err != nil {
		return identity.Key{}, err
	}
	if err := k.Check(); err != nil {
		return identity.Key{}, unusablef(hint, "%s: %w", file, err)
	}
	return k, nil
}

// readObject reads an object as a person may have laid it out, with exactly the members of v.
func readObject(file, hint string, v any) error {
	plain, err := readPlain(file, hint)
	if err != nil {
		return err
	}
	if err := canonical.Unmarshal(plain, v); err != nil {
		return unusablef(hint, "%s: %w", file, err)
	}
	return nil
}

// readPlain returns the canonical form of a file.
func readPlain(file, hint string) ([]byte, error) {
	b, err := os.ReadFile(file)
	if err != nil {
		return nil, Unusable(err, "")
	}
	plain, err := canonical.Transform(b)
	if err != nil {
		return nil, unusablef(hint, "%s: %w", file, err)
	}
	return plain, nil
}
