package tlog

import (
	"fmt"

	"kleroterion/service"
	"kleroterion/service/audit"
)

// memory keeps a log in maps: rows as a database would hold them.
type memory struct {
	head    Head
	entries []service.LogEntry
	hashes  map[int64]audit.Hash
	locks   int
	reads   int
	adds    int
	swaps   int
}

func newMemory() *memory {
	m := &memory{hashes: map[int64]audit.Hash{}}
	m.head.Root = rootOf(nil)
	return m
}

func (m *memory) Lock() (Head, error) {
	m.locks++
	return m.head, nil
}

func (m *memory) Last(subject string) (n int64, leaf audit.Hash, err error) {
	for _, e := range m.entries {
		if e.Subject == subject {
			n, leaf = e.N, e.Leaf
		}
	}
	return n, leaf, nil
}

func (m *memory) Hashes(indexes []int64) ([]audit.Hash, error) {
	m.reads++
	out := make([]audit.Hash, len(indexes))
	for i, index := range indexes {
		h, ok := m.hashes[index]
		if !ok {
			return nil, fmt.Errorf("hash %d is missing", index)
		}
		out[i] = h
	}
	return out, nil
}

func (m *memory) Add(entries []service.LogEntry, at int64, hashes []audit.Hash) error {
	m.adds++
	m.entries = append(m.entries, entries...)
	for i, h := range hashes {
		if _, ok := m.hashes[at+int64(i)]; ok {
			return fmt.Errorf("hash %d is written twice", at+int64(i))
		}
		m.hashes[at+int64(i)] = h
	}
	return nil
}

func (m *memory) Swap(old, next Head) error {
	if m.head != old {
		return service.ErrStale
	}
	m.swaps++
	m.head = next
	return nil
}
