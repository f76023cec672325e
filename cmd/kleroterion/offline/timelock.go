package offline

import (
	"bytes"
	"fmt"
	"io"
	"os"

	"kleroterion/randomness/beacon"
	"kleroterion/randomness/timelock"
)

// Lock names what is sealed or opened, and by what. An empty or "-" file is the standard stream.
type Lock struct {
	Chain     string // name, hash or file with a chain's info
	Round     uint64
	Beacon    string // file with the round, to open
	Signature string // or its signature in hex
	In, Out   string
	Armor     bool
	Stdin     io.Reader
	Stdout    io.Writer
	Entropy   io.Reader
}

const armorHead = "-----BEGIN AGE"

// SealUntil seals the input to a round.
func SealUntil(in Lock) error {
	chain, err := chainOf(in.Chain)
	if err != nil {
		return err
	}
	plain, err := in.read(timelock.MaxPlaintext)
	if err != nil {
		return err
	}
	file, err := timelock.Seal(chain, in.Round, plain, in.Entropy)
	if err != nil {
		return unusablef("", "sealing to round %d of %s: %w", in.Round, chain.Name, err)
	}
	if in.Armor {
		file = timelock.Armor(file)
	}
	return in.write(file)
}

// OpenSealed opens what was sealed to a round, armoured or not.
func OpenSealed(in Lock) error {
	chain, err := chainOf(in.Chain)
	if err != nil {
		return err
	}
	b, err := in.beacon()
	if err != nil {
		return err
	}
	file, err := in.read(2 * timelock.MaxPlaintext)
	if err != nil {
		return err
	}
	if bytes.HasPrefix(file, []byte(armorHead)) {
		if file, err = timelock.Dearmor(file); err != nil {
			return unusablef("fetch the file again, whole and as it is", "%s: %w", in.In, err)
		}
	}
	plain, err := timelock.Open(chain, b, file)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrFalse, err)
	}
	return in.write(plain)
}

func (in Lock) beacon() (beacon.Beacon, error) {
	if in.Beacon != "" {
		return readBeacon(in.Beacon)
	}
	signature, err := decodeHex("signature", in.Signature)
	if err != nil {
		return beacon.Beacon{}, err
	}
	if in.Round == 0 || signature == nil {
		return beacon.Beacon{}, unusablef("give --beacon FILE, or --round and --signature", "the round that opens it is missing")
	}
	return beacon.Beacon{Round: in.Round, Signature: signature}, nil
}

func (in Lock) read(limit int64) ([]byte, error) {
	from, what := in.Stdin, "standard input"
	if in.In != "" && in.In != "-" {
		f, err := os.Open(in.In)
		if err != nil {
			return nil, Unusable(err, "")
		}
		defer f.Close()
		from, what = f, in.In
	}
	b, err := io.ReadAll(io.LimitReader(from, limit+1))
	if err != nil {
		return nil, Unusable(err, "")
	}
	if int64(len(b)) > limit {
		return nil, unusablef("seal a key, and with it the rest by other means", "%s: more than %d bytes", what, limit)
	}
	return b, nil
}

func (in Lock) write(b []byte) error {
	if in.Out == "" || in.Out == "-" {
		_, err := in.Stdout.Write(b)
		return err
	}
	return freshFile(in.Out, 0o600, "choose another name: nothing is overwritten", func(w io.Writer) error {
		_, err := w.Write(b)
		return err
	})
}

// chainOf looks a chain up among the pinned ones, by name or hash, or reads the file with its info.
func chainOf(name string) (*beacon.Chain, error) {
	if hash, err := beacon.ParseHash(name); err == nil {
		if c, ok := beacon.Pinned().Lookup(hash); ok {
			return c, nil
		}
	}
	if c, ok := beacon.Pinned().ByName(name); ok {
		return c, nil
	}
	b, err := os.ReadFile(name)
	if err != nil {
		return nil, unusablef("give the file with the info of a devchain; pinned are "+chainNames(beacon.Pinned()), "chain %q is not known", name)
	}
	c, err := beacon.ParseInfo(b)
	if err != nil {
		return nil, unusablef("fetch /info of the devchain again", "%s: %w", name, err)
	}
	return c, nil
}
