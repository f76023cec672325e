package register

import (
	"bytes"
	"errors"
	"fmt"
	"io"
)

// maxRecord bounds what is read to find the end of one row.
const maxRecord = 256 << 10

// scanner cuts a CSV file into records (RFC 4180, with LF as well as CRLF). After an error of form
// it goes on with the next line, so that one pass finds all errors.
type scanner struct {
	r       io.Reader
	comma   byte
	buf     []byte
	at      int // of the next record in buf
	ended   error
	row     rawRow
	skipped bool // the rest of an overlong line is still to come
}

// next scans the next record. It is valid until the call after. At the end the error is io.EOF.
func (s *scanner) next() (*rawRow, error) {
	if err := s.skipLine(); err != nil {
		return nil, err
	}
	for {
		window, final := s.window()
		if len(window) == 0 && final {
			return nil, s.ended
		}
		s.row.reset()
		if n := s.row.scan(window, s.comma, final); n >= 0 {
			s.finish(window[:n])
			return &s.row, nil
		}
		if err := s.fill(); err != nil {
			return nil, err
		}
	}
}

// window is what may be read for the next record; final when there is no more of it.
func (s *scanner) window() (window []byte, final bool) {
	window = s.buf[s.at:]
	if len(window) >= maxRecord {
		return window[:maxRecord], true
	}
	return window, s.ended != nil
}

func (s *scanner) finish(raw []byte) {
	s.at += len(raw)
	s.row.number++
	if len(raw) == maxRecord && raw[len(raw)-1] != '\n' {
		s.skipped = true
		s.row.fault(RuleTooLong, fmt.Sprintf("the row is longer than %d bytes", maxRecord))
	}
}

// skipLine drops the rest of an overlong line.
func (s *scanner) skipLine() error {
	for s.skipped {
		if i := bytes.IndexByte(s.buf[s.at:], '\n'); i >= 0 {
			s.at += i + 1
			s.skipped = false
			break
		}
		s.at = len(s.buf)
		if s.ended != nil {
			return s.ended
		}
		if err := s.fill(); err != nil {
			return err
		}
	}
	return nil
}

// fill reads once more behind the unread part of the buffer. A read error other than the end is
// returned; the end is kept for when the buffer is used up.
func (s *scanner) fill() error {
	rest := copy(s.buf, s.buf[s.at:])
	s.buf, s.at = s.buf[:rest], 0
	if cap(s.buf)-rest < readSize {
		bigger := make([]byte, rest, 2*cap(s.buf)+2*readSize)
		copy(bigger, s.buf)
		s.buf = bigger
	}
	for range 100 {
		n, err := s.r.Read(s.buf[rest:cap(s.buf)])
		s.buf = s.buf[:rest+n]
		if err != nil && !errors.Is(err, io.EOF) {
			return fmt.Errorf("reading the file: %w", err)
		}
		if err != nil {
			s.ended = io.EOF
		}
		if n > 0 || err != nil {
			return nil
		}
	}
	return fmt.Errorf("reading the file: %w", io.ErrNoProgress)
}
