package service

import "sync"

// shelved is how many values a shelf keeps.
const shelved = 16

// shelf keeps the few values that were put last: what is derived from bytes that never change, and takes
// long to derive. The zero value is empty.
type shelf[V any] struct {
	mu    sync.Mutex
	of    map[string]V
	order []string // the oldest first
}

func (s *shelf[V]) get(key string) (v V, known bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	v, known = s.of[key]
	return v, known
}

func (s *shelf[V]) put(key string, v V) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.of == nil {
		s.of = map[string]V{}
	}
	if _, known := s.of[key]; !known {
		s.order = append(s.order, key)
	}
	s.of[key] = v
	if len(s.order) > shelved {
		delete(s.of, s.order[0])
		s.order = s.order[1:]
	}
}
