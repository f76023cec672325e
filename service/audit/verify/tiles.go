package verify

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"sync"
)

const (
	tileWidth = 256
	readAhead = 8 // entry tiles asked for at once
)

// tilePath is the name of entry tile n with width entries, https://c2sp.org/tlog-tiles.
func tilePath(n int64, width int) string {
	path := fmt.Sprintf("%03d", n%1000)
	for n /= 1000; n > 0; n /= 1000 {
		path = fmt.Sprintf("x%03d/%s", n%1000, path)
	}
	if width < tileWidth {
		path += fmt.Sprintf(".p/%d", width)
	}
	return "tile/entries/" + path
}

// splitTile takes an entry tile apart: width entries, each after its length in two bytes.
func splitTile(b []byte, width int) ([][]byte, error) {
	list := make([][]byte, 0, width)
	for len(b) > 0 {
		if len(b) < 2 || len(b)-2 < int(binary.BigEndian.Uint16(b)) {
			return nil, fmt.Errorf("entry %d is cut off", len(list)+1)
		}
		end := 2 + int(binary.BigEndian.Uint16(b))
		list, b = append(list, b[2:end]), b[end:]
	}
	if len(list) != width {
		return nil, fmt.Errorf("%d entries, want %d", len(list), width)
	}
	return list, nil
}

// readTile reads the entries of tile n. A partial tile may have been replaced by the full one, of
// which the checkpoint then covers the beginning.
func (s *scan) readTile(n int64) ([][]byte, error) {
	width := int(min(s.head.Size-n*tileWidth, tileWidth))
	b, err := s.read(tilePath(n, width))
	found := width
	if errors.Is(err, fs.ErrNotExist) && width < tileWidth {
		if full, fullErr := s.read(tilePath(n, tileWidth)); fullErr == nil {
			b, err, found = full, nil, tileWidth
		}
	}
	if err != nil {
		return nil, err
	}
	list, err := splitTile(b, found)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", tilePath(n, width), err)
	}
	return list[:width], nil
}

// decodedTile is a tile whose records have been decoded.
type decodedTile struct {
	entries []entry
	err     error
}

// eachTile calls fn with all tiles in order, while the next ones are read and decoded. No goroutine
// outlives it.
func (s *scan) eachTile(fn func(entries []entry) error) error {
	tiles := (s.head.Size + tileWidth - 1) / tileWidth
	coming := make(chan chan decodedTile, readAhead)
	stop := make(chan struct{})
	var wait sync.WaitGroup
	defer wait.Wait()
	defer close(stop)
	wait.Go(func() {
		defer close(coming)
		for n := range tiles {
			one := make(chan decodedTile, 1)
			select {
			case coming <- one:
			case <-stop:
				return
			}
			wait.Go(func() { one <- s.decodeTile(n) })
		}
	})
	for one := range coming {
		t := <-one
		if t.err != nil {
			return t.err
		}
		if err := fn(t.entries); err != nil {
			return err
		}
	}
	return nil
}

func (s *scan) decodeTile(n int64) decodedTile {
	raw, err := s.readTile(n)
	if err != nil {
		return decodedTile{err: err}
	}
	list := make([]entry, len(raw))
	for i, b := range raw {
		list[i] = decodeEntry(b)
	}
	return decodedTile{entries: list}
}
