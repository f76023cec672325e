package register

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/mod/sumdb/tlog"
)

// numbered is a file of n entries whose ids are their line numbers.
func numbered(n int) []string {
	lines := make([]string, n)
	for i := range lines {
		lines[i] = fmt.Sprintf(`{"features":{"f":"%d"},"id":"%064x"}`, i%3, i+1)
	}
	return lines
}

func file(lines []string) string { return strings.Join(lines, "\n") + "\n" }

// edit returns the lines with line number no (from 1) replaced.
func edit(lines []string, no int, with string) []string {
	lines = append([]string{}, lines...)
	lines[no-1] = with
	return lines
}

func TestReadRefuses(t *testing.T) {
	small, large := numbered(5), numbered(3*blockLines+7)
	bad := `{"features":{"f":"1"}, "id":"` + idA + `"}`
	for _, c := range []struct {
		name, rule string
		line       int64
		file       string
	}{
		{"empty: no bytes", RuleEmpty, 0, ""},
		{"blank_line: only a line end", RuleBlankLine, 1, "\n"},
		{"blank_line: in the middle", RuleBlankLine, 3, file(edit(small, 3, ""))},
		{"blank_line: at the end", RuleBlankLine, 6, file(small) + "\n"},
		{"final_newline: missing", RuleFinalNewline, 5, strings.TrimSuffix(file(small), "\n")},
		{"final_newline: cut short", RuleFinalNewline, 5, file(small)[:len(file(small))-9]},
		{"final_newline: after a full block", RuleFinalNewline, blockLines, strings.TrimSuffix(file(large[:blockLines]), "\n")},
		{"line_length: no end in sight", RuleLineLength, 1, strings.Repeat("x", 1<<20)},
		{"line_length: one line", RuleLineLength, 2, file(edit(small, 2, strings.Repeat("x", MaxLine+1)))},
		{"line_length: after bad line", RuleCanonical, 1, file(edit(edit(small, 1, bad), 2, strings.Repeat("x", MaxLine+1)))},
		{"canonical: first line", RuleCanonical, 1, file(edit(small, 1, bad))},
		{"canonical: last line", RuleCanonical, 5, file(edit(small, 5, bad))},
		{"canonical: CRLF", RuleCanonical, 1, strings.ReplaceAll(file(small), "\n", "\r\n")},
		{"canonical: byte order mark", RuleCanonical, 1, "\ufeff" + file(small)},
		{"canonical: the first of two bad lines in two blocks", RuleCanonical, blockLines, file(edit(edit(large, 2*blockLines, bad), blockLines, bad))},
		{"entry_form: an unknown member", RuleEntryForm, 4, file(edit(small, 4, `{"features":{},"id":"`+fmt.Sprintf("%064x", 4)+`","x":"y"}`))},
		{"entry_form: after the same features were accepted", RuleEntryForm, 4, file(edit(small, 4, `{"features":{"f":"1"},"id":"`+idA+`","x":"y"}`))},
		{"order: two lines swapped", RuleOrder, 3, file(edit(edit(small, 2, small[2]), 3, small[1]))},
		{"order: at the seam of two blocks", RuleOrder, blockLines + 1, file(edit(edit(large, blockLines, large[blockLines]), blockLines+1, large[blockLines-1]))},
		{"duplicate_id: neighbours", RuleDuplicateID, 3, file(edit(small, 3, small[1]))},
		{"duplicate_id: at the seam of two blocks", RuleDuplicateID, 2*blockLines + 1, file(edit(large, 2*blockLines+1, large[2*blockLines-1]))},
		{"duplicate_id: other features", RuleDuplicateID, 2, file(edit(small, 2, strings.Replace(small[0], `"0"`, `"9"`, 1)))},
	} {
		_, err := Read(strings.NewReader(c.file))
		wantRefusal(t, c.name, err, c.rule, c.line, "")
	}
}

func TestReadRefusesTooManyCells(t *testing.T) {
	var b strings.Builder
	for i := range MaxCells + 1 {
		fmt.Fprintf(&b, `{"features":{"f":"%d"},"id":"%064x"}`+"\n", i, i)
	}
	_, err := Read(strings.NewReader(b.String()))
	wantRefusal(t, "cells", err, RuleCells, 0, "100000")
}

func TestReadReportsReaderErrors(t *testing.T) {
	broken := errors.New("disk on fire")
	r := io.MultiReader(strings.NewReader(file(numbered(2000))), iotest.ErrReader(broken))
	if _, err := Read(r); !errors.Is(err, broken) {
		t.Errorf("got %v, want it to wrap %v", err, broken)
	}
	if _, err := Read(iotest.ErrReader(io.ErrUnexpectedEOF)); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("got %v, want an unexpected end", err)
	}
	if _, err := Read(idleReader{}); !errors.Is(err, io.ErrNoProgress) {
		t.Errorf("got %v, want no progress", err)
	}
}

// idleReader breaks the contract of io.Reader politely.
type idleReader struct{}

func (idleReader) Read([]byte) (int, error) { return 0, nil }

func TestReadAgreesWithTlogAtEverySeam(t *testing.T) {
	for _, n := range []int{1, 2, 3, 255, 256, 257, 511, 512, 1023, 1024, 1025, 1281, 2048, 3*blockLines + 300} {
		text := file(numbered(n))
		for name, r := range map[string]io.Reader{"whole": strings.NewReader(text), "halves": iotest.HalfReader(strings.NewReader(text)), "end with data": iotest.DataErrReader(strings.NewReader(text))} {
			got, err := Read(r)
			if err != nil {
				t.Fatalf("%d lines, %s: %v", n, name, err)
			}
			if got.Root() != tlogRoot(t, numbered(n)) || got.Size() != n || got.FileSHA256() != sha256.Sum256([]byte(text)) || got.Bytes() != int64(len(text)) {
				t.Errorf("%d lines, %s: root, size, digest or length are wrong", n, name)
			}
		}
	}
}

func tlogRoot(t testing.TB, lines []string) [32]byte {
	t.Helper()
	tree := newTlog(t, lines)
	h, err := tlog.TreeHash(int64(len(lines)), tree)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// tlogHashes keeps the stored hashes of x/mod's Merkle log.
type tlogHashes []tlog.Hash

func (h tlogHashes) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	out := make([]tlog.Hash, len(indexes))
	for i, x := range indexes {
		out[i] = h[x]
	}
	return out, nil
}

func newTlog(t testing.TB, lines []string) tlogHashes {
	t.Helper()
	var hashes tlogHashes
	for i, line := range lines {
		h, err := tlog.StoredHashes(int64(i), []byte(line), hashes)
		if err != nil {
			t.Fatal(err)
		}
		hashes = append(hashes, h...)
	}
	return hashes
}

func TestRegisterGivesBackEveryEntry(t *testing.T) {
	var entries []Entry
	for i := range 2*blockLines + 5 {
		e := sampleEntry(uint64(i))
		if i%3 == 0 {
			e.Household = ""
		}
		if i%5 == 1 && i > blockLines {
			e.Sealed = fmt.Sprintf("%064x", i)
		}
		entries = append(entries, e)
	}
	entries[7].Features = map[string]string{}
	r, err := FromEntries(entries)
	if err != nil {
		t.Fatal(err)
	}
	counts := make([]int, len(r.Cells()))
	for _, want := range entries {
		i, ok := r.Find(want.ID)
		if !ok {
			t.Fatalf("id %x not found", want.ID)
		}
		if diff := cmp.Diff(want, r.Entry(i)); diff != "" {
			t.Fatalf("entry %d (-want +got):\n%s", i, diff)
		}
		if line, _ := want.Line(); string(line) != string(r.Line(i)) {
			t.Fatalf("line %d: got %s, want %s", i, r.Line(i), line)
		}
		if diff := cmp.Diff(want.Features, r.Cells()[r.Cell(i)].Features); diff != "" {
			t.Fatalf("cell of entry %d:\n%s", i, diff)
		}
		counts[r.Cell(i)]++
	}
	for i, c := range r.Cells() {
		if c.Count != counts[i] || c.Count == 0 {
			t.Errorf("cell %v counts %d, want %d", c.Features, c.Count, counts[i])
		}
	}
	if _, ok := r.Find([32]byte{1}); ok {
		t.Error("found an id that is not in the register")
	}
}

func TestCellsHaveOneOrderHoweverManyParsersReadThem(t *testing.T) {
	text := sampleFile(t, 20*blockLines)
	want, err := Read(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	for range 5 {
		got, err := Read(bytes.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want.Cells(), got.Cells()); diff != "" || !cmp.Equal(want.cell, got.cell) {
			t.Fatalf("cells differ between two reads of one file:\n%s", diff)
		}
	}
}

func TestFromEntriesSortsAndRefusesDuplicates(t *testing.T) {
	entries := vectorEntries(t)
	entries[3], entries[50] = entries[50], entries[3]
	r, err := FromEntries(entries)
	if err != nil || hexRoot(r) != vectorRoot {
		t.Errorf("unsorted entries: root %s, %v; want %s", hexRoot(r), err, vectorRoot)
	}
	_, err = FromEntries(append(entries, entries[0]))
	wantRefusal(t, "twice", err, RuleDuplicateID, 2, "033be8be")
	_, err = FromEntries(nil)
	wantRefusal(t, "none", err, RuleEmpty, 0, "")
	_, err = FromEntries([]Entry{{Household: "x"}})
	wantRefusal(t, "form", err, RuleEntryForm, 0, "household")
}

func TestReadPagesTakesAStoresPages(t *testing.T) {
	lines := numbered(1000)
	missing := errors.New("page lost")
	pages := func(fail bool) func(func([]byte, error) bool) {
		return func(yield func([]byte, error) bool) {
			for at := 0; at < len(lines); at += PageSize {
				if fail && at > 0 {
					yield(nil, missing)
					return
				}
				if !yield([]byte(file(lines[at:min(at+PageSize, len(lines))])), nil) {
					return
				}
			}
		}
	}
	r, err := ReadPages(pages(false))
	if err != nil || r.Root() != tlogRoot(t, lines) {
		t.Errorf("pages give another root than the file: %v", err)
	}
	if _, err := ReadPages(pages(true)); !errors.Is(err, missing) {
		t.Errorf("got %v, want it to wrap %v", err, missing)
	}
}

func TestWriteToReportsTheWriter(t *testing.T) {
	r, err := Read(strings.NewReader(file(numbered(3000))))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.WriteTo(failingWriter{}); !errors.Is(err, io.ErrShortWrite) {
		t.Errorf("got %v, want a short write", err)
	}
}

type failingWriter struct{}

func (failingWriter) Write([]byte) (int, error) { return 0, io.ErrShortWrite }
