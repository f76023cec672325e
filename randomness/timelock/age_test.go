package timelock

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"testing"

	"filippo.io/age"
	"filippo.io/age/armor"
	bls "github.com/consensys/gnark-crypto/ecc/bls12-381"

	"kleroterion/randomness/beacon"
)

// ageRound makes the age library seal to a round and open with its signature.
type ageRound struct {
	chain beacon.Hash
	round uint64
	base  bls.GT
	sig   bls.G1Affine
}

func newAgeRound(t testing.TB, round uint64) (ageRound, *Opener) {
	t.Helper()
	n := testNetwork(t, "")
	s, err := NewSealer(n.Chain(), round)
	if err != nil {
		t.Fatal(err)
	}
	o, err := NewOpener(n.Chain(), testBeacon(t, n, round))
	if err != nil {
		t.Fatal(err)
	}
	return ageRound{o.chain, round, s.base, o.sig}, o
}

func (a ageRound) Wrap(fileKey []byte) ([]*age.Stanza, error) {
	b := sealKey(a.base, [keySize]byte{1, 2, 3}, [keySize]byte(fileKey))
	return []*age.Stanza{{Type: "tlock", Args: []string{strconv.FormatUint(a.round, 10), a.chain.String()}, Body: b[:]}}, nil
}

func (a ageRound) Unwrap(stanzas []*age.Stanza) ([]byte, error) {
	if len(stanzas) != 1 || stanzas[0].Type != "tlock" || len(stanzas[0].Body) != bodySize {
		return nil, age.ErrIncorrectIdentity
	}
	b := body(stanzas[0].Body)
	key, err := openKey(a.sig, &b)
	return key[:], err
}

func (a ageRound) seal(t testing.TB, plain []byte, more ...age.Recipient) []byte {
	t.Helper()
	var out bytes.Buffer
	w, err := age.Encrypt(&out, append([]age.Recipient{a}, more...)...)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(plain); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func (a ageRound) open(file []byte) ([]byte, error) {
	r, err := age.Decrypt(bytes.NewReader(file), a)
	if err != nil {
		return nil, err
	}
	return io.ReadAll(r)
}

func TestTheAgeLibraryAndThisOneOpenEachOthersFiles(t *testing.T) {
	a, o := newAgeRound(t, 12345)
	for _, size := range []int{0, 1, 47, 48, 512, MaxPlaintext - 1, MaxPlaintext} {
		t.Run(fmt.Sprint(size), func(t *testing.T) {
			plain := bytes.Repeat([]byte("k"), size)
			ours, err := Seal(testNetwork(t, "").Chain(), 12345, plain, testEntropy(3))
			if err != nil {
				t.Fatal(err)
			}
			if got, err := a.open(ours); err != nil || !bytes.Equal(got, plain) {
				t.Errorf("the library reads %d bytes, %v in our file", len(got), err)
			}
			theirs := a.seal(t, plain)
			if len(theirs) != len(ours) {
				t.Errorf("our file has %d bytes, the library's %d", len(ours), len(theirs))
			}
			if got, err := o.Open(theirs); err != nil || !bytes.Equal(got, plain) {
				t.Errorf("we read %d bytes, %v in the library's file", len(got), err)
			}
		})
	}
}

func TestWhatTheAgeLibraryMayHoldAndABallotMayNot(t *testing.T) {
	a, o := newAgeRound(t, 7)
	t.Run("two chunks", func(t *testing.T) {
		_, err := o.Open(a.seal(t, make([]byte, MaxPlaintext+1)))
		wantRule(t, err, RuleSize)
	})
	t.Run("another recipient", func(t *testing.T) {
		friend, err := age.GenerateX25519Identity()
		if err != nil {
			t.Fatal(err)
		}
		_, err = o.Open(a.seal(t, []byte("x"), friend.Recipient()))
		wantRule(t, err, RuleStanza)
	})
	t.Run("no chunk at all, in neither", func(t *testing.T) {
		file := a.seal(t, nil)
		file = file[:len(file)-tagSize]
		if _, err := a.open(file); err == nil {
			t.Error("the library accepts a file without its last chunk")
		}
		_, err := o.Open(file)
		wantRule(t, err, RuleSize)
	})
}

func TestTheAgeLibraryRefusesEveryChangedFileToo(t *testing.T) {
	v := readVectors(t)
	o := v.opener(t, v.Sealed)
	a := ageRound{chain: o.chain, round: o.round, sig: o.sig}
	if got, err := a.open(v.Sealed.File); err != nil || !bytes.Equal(got, v.Sealed.Plaintext) {
		t.Fatalf("%q, %v", got, err)
	}
	for _, r := range v.Refused {
		if _, err := a.open(r.File); err == nil {
			t.Errorf("%s: the library opens it, we refuse it by rule %s", r.Name, r.Open)
		}
	}
}

func TestNoBitOfAFileCanBeChanged(t *testing.T) {
	_, o := newAgeRound(t, 7)
	file, err := Seal(testNetwork(t, "").Chain(), 7, []byte("yes"), testEntropy(1))
	if err != nil {
		t.Fatal(err)
	}
	for i := range file {
		bit := byte(1) << (i % 8)
		file[i] ^= bit
		var r *Refusal
		if plain, err := o.Open(file); !errors.As(err, &r) {
			t.Errorf("byte %d, bit %#x: %q, %v, want a refusal", i, bit, plain, err)
		}
		file[i] ^= bit
	}
	if _, err := o.Open(file); err != nil {
		t.Error(err)
	}
}

func TestArmourIsThatOfTheAgeLibrary(t *testing.T) {
	for _, size := range []int{0, 1, 47, 48, 49, 96, 1000} {
		file := bytes.Repeat([]byte{0xa5}, size)
		var want bytes.Buffer
		w := armor.NewWriter(&want)
		if _, err := w.Write(file); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		if got := Armor(file); size > 0 && !bytes.Equal(got, want.Bytes()) {
			t.Errorf("%d bytes: %q, the library writes %q", size, got, want.Bytes())
		}
		if got, err := Dearmor(Armor(file)); err != nil || !bytes.Equal(got, file) {
			t.Errorf("%d bytes: %x, %v", size, got, err)
		}
	}
}

func TestArmourHasOneForm(t *testing.T) {
	good := string(Armor(bytes.Repeat([]byte{1, 2, 3}, 33)))
	lines := strings.Split(good, "\n")
	for name, bad := range map[string]string{
		"nothing":                    "",
		"no last line":               strings.TrimSuffix(good, armorLast),
		"no first line":              strings.TrimPrefix(good, armorFirst),
		"only the first line":        armorFirst,
		"no line end at the end":     strings.TrimSuffix(good, "\n"),
		"a line before":              "\n" + good,
		"a line after":               good + "\n",
		"space at the end of a line": strings.Replace(good, "\n", " \n", 1),
		"CR LF":                      strings.ReplaceAll(good, "\n", "\r\n"),
		"CR LF inside":               strings.Replace(good, lines[1]+"\n", lines[1]+"\r\n", 1),
		"lines of 76":                armorFirst + lines[1] + lines[2][:12] + "\n" + lines[2][12:] + "\n" + lines[3] + "\n" + armorLast,
		"an empty line":              strings.Replace(good, lines[2], lines[2]+"\n", 1),
		"one line":                   armorFirst + lines[1] + lines[2] + lines[3] + "\n" + armorLast,
		"base64 of URLs":             strings.Replace(good, lines[1], "_"+lines[1][1:], 1),
		"padding in the middle":      strings.Replace(good, lines[1], lines[1][:63]+"=", 1),
		"another label":              strings.ReplaceAll(good, "AGE", "PGP"),
		"header of mail":             strings.Replace(good, armorFirst, armorFirst+"Version: 1\n\n", 1),
		"too long":                   string(Armor(make([]byte, 70000))),
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Dearmor([]byte(bad))
			wantRule(t, err, RuleArmor)
		})
	}
}
