package api

import (
	"sync"

	"kleroterion/service"
)

// roundSeen tells apart all states of a round that an event shows.
type roundSeen struct {
	status                  string
	version, gifts, through int64
	jury                    string
}

// roundsTold keeps the newest event of each followed round: many follow, and the projects may be many, so
// what is the same is written once for all of them.
type roundsTold struct {
	mu   sync.Mutex
	last map[string]roundTold // by id
}

type roundTold struct {
	seen  roundSeen
	event shown
}

// maxTold bounds the memory; whoever is forgotten is written again.
const maxTold = 16

// show is the event of a round and its estimate.
func (t *roundsTold) show(v service.RoundView, e service.EstimateView) (shown, error) {
	now := roundSeen{v.Status, v.Version, v.Gifts, e.Through, e.JuryPart.String()}
	t.mu.Lock()
	defer t.mu.Unlock()
	if was, known := t.last[v.ID]; known && was.seen == now {
		return was.event, nil
	}
	event := RoundEvent{Round: roundOf(v)}
	if v.State != service.RoundVoid {
		estimate := estimateOf(e)
		event.Estimate = &estimate
	}
	body, err := encode(event)
	if err != nil {
		return shown{}, err
	}
	if t.last == nil || len(t.last) >= maxTold {
		t.last = map[string]roundTold{}
	}
	over := v.State == service.RoundFinal || v.State == service.RoundVoid
	told := roundTold{now, shown{v.Status, body, over}}
	t.last[v.ID] = told
	return told.event, nil
}
