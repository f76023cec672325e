package audit

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	maxName    = 200
	maxReason  = 500
	maxFeature = 64
)

func (b CityAdd) check(subject string) error {
	if err := checkText("name", b.Name, maxName); err != nil {
		return err
	}
	if strings.Contains(b.Slug, "/") {
		return fmt.Errorf("slug %q is not one segment", b.Slug)
	}
	return onSubject(subject, "city/"+b.Slug)
}

func (b RegisterCommit) check(subject string) error {
	if parts := strings.Split(subject, "/"); len(parts) != 4 || parts[0] != "city" || parts[2] != "register" {
		return fmt.Errorf("subject %q is not city/<slug>/register/<name>", subject)
	}
	if err := firstError(checkCount("size", b.Size), checkCount("bytes", b.Bytes), checkCount("k", b.K)); err != nil {
		return err
	}
	for i, name := range b.Features {
		if err := checkText("feature name", name, maxFeature); err != nil {
			return err
		}
		if i > 0 && b.Features[i-1] >= name {
			return fmt.Errorf("features: %q does not stand after %q", name, b.Features[i-1])
		}
	}
	if !slices.Contains([]string{SmallCellsNone, SmallCellsPublished}, b.SmallCells) {
		return fmt.Errorf("small_cells is %q, want none or published", b.SmallCells)
	}
	return nil
}

func (b DrawOpen) check(string) error {
	if len(b.Manifest) == 0 || b.Manifest[0] != '{' {
		return fmt.Errorf("the manifest is not an object")
	}
	if n := len(b.Approved); n != 0 && (n != 2 || b.Approved[0] >= b.Approved[1] || !isKeyID(b.Approved[0]) || !isKeyID(b.Approved[1])) {
		return fmt.Errorf("approved is not two different key ids of 16 hex digits in ascending order")
	}
	return nil
}

func isKeyID(s string) bool { return len(s) == 16 && strings.Trim(s, "0123456789abcdef") == "" }

func (b DrawResult) check(string) error { return checkCount("result.bytes", b.Result.Bytes) }

func (b DrawVoid) check(string) error { return checkText("reason", b.Reason, maxReason) }

func (Heartbeat) check(subject string) error { return onSubject(subject, LogSubject) }

func (b LogContinue) check(subject string) error {
	return firstError(onSubject(subject, LogSubject), checkText("origin", b.Origin, maxName),
		checkCount("size", b.Size), checkText("reason", b.Reason, maxReason))
}

func onSubject(got, want string) error {
	if got != want {
		return fmt.Errorf("stands on subject %q, belongs on %q", got, want)
	}
	return nil
}

func checkCount(what string, n int64) error {
	if n < 1 || n > maxInt {
		return fmt.Errorf("%s is %d, want 1 to 2^53-1", what, n)
	}
	return nil
}

func checkText(what, s string, limit int) error {
	if s == "" || len(s) > limit || !utf8.ValidString(s) || strings.IndexFunc(s, unicode.IsControl) >= 0 {
		return fmt.Errorf("%s is empty, longer than %d bytes, not UTF-8 or has a control character", what, limit)
	}
	return nil
}

func firstError(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
