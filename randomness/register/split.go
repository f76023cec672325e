package register

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"io"
)

// blockPages whole pages are parsed and hashed by one goroutine at a time: enough lines to make
// the hand-over cheap, few enough that the longest lines allowed still fit in memory.
const (
	blockPages = 4
	blockLines = blockPages * PageSize
	readSize   = 64 << 10
)

// block is a run of whole lines. Only the last block of a file may have fewer than blockLines.
type block struct {
	first  int64  // lines before it
	text   []byte // each line with its line end
	end    error  // what ends the file after these lines: io.EOF, a refusal or a read error
	done   chan struct{}
	parsed parsed
}

// splitter cuts a file into blocks and digests it on the way.
type splitter struct {
	r      io.Reader
	rest   []byte // read, and not yet in a block
	ended  error  // what the reader returned last
	lines  int64
	bytes  int64
	digest hash.Hash
	idle   chan []byte // buffers to use again
}

func newSplitter(r io.Reader, blocks int) *splitter {
	return &splitter{r: r, digest: sha256.New(), idle: make(chan []byte, blocks)}
}

// next returns the next block; it is the last one when its end is set.
func (s *splitter) next() *block {
	buf := append(s.buffer(), s.rest...)
	cut, count, seen := 0, 0, 0
	var end error
	for count < blockLines && end == nil {
		i := bytes.IndexByte(buf[seen:], '\n')
		switch {
		case i < 0 && len(buf)-cut <= MaxLine:
			seen = len(buf)
			buf, end = s.fill(buf, cut)
		case i < 0 || seen+i-cut > MaxLine:
			end = &Refusal{s.lines + int64(count) + 1, RuleLineLength, fmt.Sprintf("more than %d bytes", MaxLine)}
		default:
			seen += i + 1
			cut, count = seen, count+1
		}
	}
	s.rest = append(s.rest[:0], buf[cut:]...)
	b := &block{first: s.lines, text: buf[:cut], end: end, done: make(chan struct{})}
	s.count(b, int64(count))
	return b
}

func (s *splitter) count(b *block, lines int64) {
	s.lines += lines
	s.bytes += int64(len(b.text))
	s.digest.Write(b.text)
	if b.end != io.EOF {
		return
	}
	switch {
	case len(s.rest) > 0:
		b.end = &Refusal{s.lines + 1, RuleFinalNewline, `the last line is not ended by \n: the file is cut short or was edited`}
	case s.lines == 0:
		b.end = &Refusal{0, RuleEmpty, "a register has at least one entry"}
	}
}

// fill reads once more, and returns what ended the file when nothing is left.
func (s *splitter) fill(buf []byte, cut int) ([]byte, error) {
	if s.ended != nil {
		return buf, s.ended
	}
	if cap(buf)-len(buf) < readSize {
		bigger := make([]byte, len(buf), 2*cap(buf)+readSize)
		copy(bigger, buf)
		buf = bigger
	}
	for range 100 {
		n, err := s.r.Read(buf[len(buf):cap(buf)])
		buf = buf[:len(buf)+n]
		if err != nil && !errors.Is(err, io.EOF) {
			err = fmt.Errorf("reading the register: %w", err)
		}
		s.ended = err
		if n > 0 || err != nil {
			return buf, nil
		}
	}
	s.ended = fmt.Errorf("reading the register: %w", io.ErrNoProgress)
	return buf, nil
}

func (s *splitter) buffer() []byte {
	select {
	case buf := <-s.idle:
		return buf[:0]
	default:
		return make([]byte, 0, 4*readSize)
	}
}

// reuse takes back a buffer that nobody reads any more.
func (s *splitter) reuse(buf []byte) {
	select {
	case s.idle <- buf:
	default:
	}
}
