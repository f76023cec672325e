package seating_test

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"io"
	"regexp"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"kleroterion/service/seating"
)

func TestCodeIsWrittenInFourGroups(t *testing.T) {
	entropy := []byte{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 0xff, 0xe0}
	code, hash, err := seating.NewCode(bytes.NewReader(entropy))
	if err != nil || code != "01234-56789-ABCDE-FGHZ0" {
		t.Fatalf("got %q, %v", code, err)
	}
	if want := sha256.Sum256([]byte("kleroterion/code/v1\n0123456789ABCDEFGHZ0")); hash != want {
		t.Errorf("hash %x, want %x", hash, want)
	}
}

func TestCodeWithoutEntropyIsNone(t *testing.T) {
	code, hash, err := seating.NewCode(bytes.NewReader(make([]byte, 19)))
	if !errors.Is(err, io.ErrUnexpectedEOF) || code != "" || hash != [32]byte{} {
		t.Errorf("got %q, %x, %v", code, hash, err)
	}
}

func TestCodesAreReadAsPeopleTypeThem(t *testing.T) {
	const plain = "01234-56789-ABCDE-FGHZ0"
	want, err := seating.HashCode(plain)
	if err != nil {
		t.Fatal(err)
	}
	for name, typed := range map[string]string{
		"lower case":           strings.ToLower(plain),
		"no dashes":            strings.ReplaceAll(plain, "-", ""),
		"spaces":               strings.ReplaceAll(plain, "-", " "),
		"blanks around":        "  " + plain + " ",
		"letter O for 0":       "O1234-56789-ABCDE-FGHZo",
		"letter I for 1":       "0I234-56789-ABCDE-FGHZ0",
		"letter L for 1":       "0L234-56789-ABCDE-FGHZ0",
		"small l for 1":        "0l234-56789-ABCDE-FGHZ0",
		"dashes in odd places": "0-1-23456789ABCDEFGHZ-0",
	} {
		t.Run(name, func(t *testing.T) {
			if got, err := seating.HashCode(typed); err != nil || got != want {
				t.Errorf("got %x, %v", got, err)
			}
		})
	}
}

func TestWhatIsNoCodeIsRefused(t *testing.T) {
	for name, typed := range map[string]string{
		"empty":         "",
		"dashes alone":  "----",
		"19":            "01234-56789-ABCDE-FGHZ",
		"21":            "01234-56789-ABCDE-FGHZ0-0",
		"very long":     strings.Repeat("0", 1<<20),
		"letter U":      "U1234-56789-ABCDE-FGHZ0",
		"small u":       "u1234-56789-ABCDE-FGHZ0",
		"punctuation":   "01234.56789.ABCDE.FGHZ0",
		"underscore":    "01234_56789_ABCDE_FGHZ0",
		"letter of two": "é1234-56789-ABCDE-FGHZ",
		"fullwidth":     "０1234-56789-ABCDE-FGHZ0",
		"control":       "01234-56789-ABCDE-FGHZ0\n",
		"long dash":     "01234–56789–ABCDE–FGHZ0",
	} {
		t.Run(name, func(t *testing.T) {
			hash, err := seating.HashCode(typed)
			if rule(err) != "code" || hash != [32]byte{} {
				t.Errorf("got %x, %v", hash, err)
			}
			if len(typed) > 4 && strings.Contains(err.Error(), typed[:4]) {
				t.Errorf("the message repeats the code: %v", err)
			}
		})
	}
}

// Every code made is read back, and different bits give different codes.
func TestNewCodesAreReadBack(t *testing.T) {
	form := regexp.MustCompile(`^[0-9A-HJKMNP-TV-Z]{5}(-[0-9A-HJKMNP-TV-Z]{5}){3}$`)
	rapid.Check(t, func(t *rapid.T) {
		entropy := rapid.SliceOfN(rapid.Byte(), 20, 20).Draw(t, "entropy")
		code, hash, err := seating.NewCode(bytes.NewReader(entropy))
		if err != nil || !form.MatchString(code) {
			t.Fatalf("got %q, %v", code, err)
		}
		if again, err := seating.HashCode(code); err != nil || again != hash {
			t.Fatalf("%q: read back as %x, %v; made as %x", code, again, err, hash)
		}
		at := rapid.IntRange(0, 19).Draw(t, "at")
		entropy[at] ^= 1 << rapid.IntRange(0, 4).Draw(t, "bit")
		if other, _, _ := seating.NewCode(bytes.NewReader(entropy)); other == code {
			t.Fatalf("bit of byte %d is not in the code", at)
		}
	})
}
