package bundle

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// unzip reads the directory of a zip in our layout, and compares every header with the one that
// Write gives for the same name, size and CRC: there is nothing in the file that is not accounted for.
func unzip(r io.ReaderAt, size int64) ([]entry, error) {
	raw, count, err := readDirectory(r, size)
	if err != nil {
		return nil, err
	}
	list := make([]entry, 0, count)
	for rest := raw[:len(raw)-endSize]; len(rest) > 0; {
		e, n, err := readCentral(rest)
		if err != nil {
			return nil, fmt.Errorf("zip directory entry %d: %w", len(list)+1, err)
		}
		if len(list) > 0 && list[len(list)-1].name >= e.name {
			return nil, fmt.Errorf("zip directory: %q does not stand after %q", e.name, list[len(list)-1].name)
		}
		list, rest = append(list, e), rest[n:]
	}
	if err := placeEntries(list); err != nil {
		return nil, err
	}
	if len(list) == 0 || !bytes.Equal(directory(list), raw) || list[len(list)-1].end()+int64(len(raw)) != size {
		return nil, errors.New("zip directory: not in the layout of a bundle (docs/spec/bundle.md): stored, sorted, no times, extra fields or comments")
	}
	return list, checkLocals(r, list)
}

// readDirectory returns the bytes from the central directory to the end of the file.
func readDirectory(r io.ReaderAt, size int64) ([]byte, int, error) {
	var end [endSize]byte
	if size < endSize {
		return nil, 0, errors.New("zip: too short")
	}
	if _, err := r.ReadAt(end[:], size-endSize); err != nil && err != io.EOF {
		return nil, 0, fmt.Errorf("zip: reading its end: %w", err)
	}
	le := binary.LittleEndian
	if le.Uint32(end[:]) != endMagic {
		return nil, 0, errors.New("zip: no end record in its last 22 bytes: the file is cut off, is no bundle, or has a comment")
	}
	count, length, at := le.Uint16(end[10:]), int64(le.Uint32(end[12:])), int64(le.Uint32(end[16:]))
	if at+length+endSize != size || length > int64(count)*(centralSize+maxName) {
		return nil, 0, errors.New("zip: the end record does not fit the file: it is cut off, or something was added")
	}
	raw := make([]byte, length+endSize)
	if _, err := r.ReadAt(raw, at); err != nil && err != io.EOF {
		return nil, 0, fmt.Errorf("zip directory: %w", err)
	}
	return raw, int(count), nil
}

func readCentral(b []byte) (entry, int, error) {
	le := binary.LittleEndian
	if len(b) < centralSize || le.Uint32(b) != centralMagic {
		return entry{}, 0, errors.New("no header")
	}
	n := centralSize + int(le.Uint16(b[28:]))
	if n > len(b) || n == centralSize || n > centralSize+maxName {
		return entry{}, 0, errors.New("the name has no length that fits")
	}
	return entry{name: string(b[centralSize:n]), crc: le.Uint32(b[16:]), size: int64(le.Uint32(b[24:]))}, n, nil
}

func checkLocals(r io.ReaderAt, list []entry) error {
	for _, e := range list {
		want := e.local()
		got := make([]byte, len(want))
		if _, err := r.ReadAt(got, e.at); err != nil && err != io.EOF {
			return fmt.Errorf("zip: header of %q: %w", e.name, err)
		}
		if !bytes.Equal(got, want) {
			return fmt.Errorf("zip: the header of %q differs from the directory", e.name)
		}
	}
	return nil
}
