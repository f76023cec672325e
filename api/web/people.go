package web

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"strings"
	"sync"

	"kleroterion/randomness/beacon"
	"kleroterion/randomness/register"
	"kleroterion/randomness/sortition"
)

const (
	maxCounted = 1_000_000 // people in a list that a page counts by stratum
	maxKept    = 256       // counts that are kept
)

// people counts the people of each stratum from the public file, as anyone could, and keeps the
// counts: a frozen register never changes.
type people struct {
	lists Lists
	mu    *sync.Mutex
	kept  map[string]map[string]int64
	turn  chan struct{} // one count at a time: it is the only costly thing a reader can ask for
}

func newPeople(lists Lists) people {
	return people{lists, new(sync.Mutex), map[string]map[string]int64{}, make(chan struct{}, 1)}
}

// of returns the number of people by stratum, or nil where the list is too long to count for a page.
func (p people) of(ctx context.Context, m *sortition.Manifest) (map[string]int64, error) {
	if len(m.StrataBy) == 0 {
		return map[string]int64{"": m.Register.Size}, nil
	}
	if m.Register.Size > maxCounted {
		return nil, nil
	}
	key := m.Register.Root.String() + " " + strings.Join(m.StrataBy, "\x00")
	if found := p.look(key); found != nil {
		return found, nil
	}
	select {
	case p.turn <- struct{}{}:
		defer func() { <-p.turn }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	if found := p.look(key); found != nil { // somebody else counted meanwhile
		return found, nil
	}
	counted, err := p.count(ctx, m.Register.Root, m.StrataBy)
	if err == nil {
		p.keep(key, counted)
	}
	return counted, err
}

func (p people) look(key string) map[string]int64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.kept[key]
}

func (p people) keep(key string, counted map[string]int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for old := range p.kept {
		if len(p.kept) < maxKept {
			break
		}
		delete(p.kept, old)
	}
	p.kept[key] = counted
}

func (p people) count(ctx context.Context, root beacon.Hash, by []string) (map[string]int64, error) {
	in, out := io.Pipe()
	var writer sync.WaitGroup
	defer writer.Wait()
	defer in.Close() // ends the writer when a line stops the reading
	writer.Go(func() {
		_, err := p.lists.RegisterFile(ctx, root, out)
		out.CloseWithError(err)
	})
	counted := map[string]int64{}
	lines := bufio.NewScanner(in)
	lines.Buffer(make([]byte, 0, 64<<10), 1<<20)
	for lines.Scan() {
		e, err := register.ParseLine(bytes.Clone(lines.Bytes()))
		if err != nil {
			return nil, err
		}
		values := make([]string, len(by))
		for i, feature := range by {
			values[i] = e.Features[feature]
		}
		counted[strings.Join(values, "/")]++
	}
	return counted, lines.Err()
}
