package store

import (
	"kleroterion/service"
)

// desk is what one transaction knows of the rows that gifts and ballots touch, and what it has promised to
// write there. What it knows is what the rows say, because it knows no longer than the transaction lasts and
// forgets when another statement changes rows.
type desk struct {
	open     map[rowKey]bool // of rounds and polls
	givers   map[rowKey]*service.Giver
	electors map[rowKey]*service.Elector
	once     map[rowKey]*service.Gift // by name
	added    []service.Gift
	given    map[rowKey]int64 // how many gifts a giver had before those added
	cast     map[string]ballots
	casts    map[rowKey]int64 // how many ballots an elector had before those cast
}

// rowKey is a round with a donor or a name, a poll with a voter, or a table with an id.
type rowKey struct{ of, name string }

// ballots are those that were cast in a poll, and of them the first ones of their voters.
type ballots struct{ all, first int64 }

// forget keeps what was promised.
func (d *desk) forget() {
	clear(d.open)
	clear(d.givers)
	clear(d.electors)
	clear(d.once)
}

// put is a write to a map that may not be there yet.
func put[K comparable, V any](m *map[K]V, k K, v V) {
	if *m == nil {
		*m = map[K]V{}
	}
	(*m)[k] = v
}

// isOpen says whether a round or poll is open; no row is not open.
func (t *tx) isOpen(table, id string) (bool, error) {
	k := rowKey{table, id}
	if open, known := t.desk.open[k]; known {
		return open, nil
	}
	var open bool
	err := t.take([]any{&open}, "SELECT EXISTS (SELECT 1 FROM "+table+" WHERE id = $1 AND state = 'open')", id)
	if err == nil {
		put(&t.desk.open, k, open)
	}
	return open, err
}

// unknown returns the names that the desk knows nothing about, each once.
func unknown[V any](known map[rowKey]V, of string, names []string) (list []string) {
	met := make(map[string]bool, len(names))
	for _, name := range names {
		if _, is := known[rowKey{of, name}]; !is && !met[name] {
			met[name] = true
			list = append(list, name)
		}
	}
	return list
}
