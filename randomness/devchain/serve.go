package devchain

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"strconv"
	"time"
)

const (
	forEver  = "public, max-age=604800, immutable"
	never    = "must-revalidate, no-cache, max-age=0"
	textType = "text/plain; charset=utf-8"

	// underflow answers the largest 64-bit round as drand's relay does: HTML with status 200.
	underflow = "<html><head><title>Round underflow</title></head><body><p>Round 18446744073709551615 is 0 minus 1: " +
		"the asker has a defect.</p></body></html>"
)

// Handler serves the chain as drand's HTTP relay does: the same paths of versions 1 and 2, status
// codes, headers and order of members. Without a hash in the path it is the default chain. Unlike
// that relay it answers 425 for the next round too, rather than hold the request.
func (n *Network) Handler() http.Handler { return http.HandlerFunc(n.serve) }

func (n *Network) serve(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Access-Control-Allow-Origin", "*")
	w.Header().Set("Date", n.now().UTC().Format(http.TimeFormat))
	if r.Method != http.MethodGet {
		w.WriteHeader(http.StatusMethodNotAllowed)
		return
	}
	f, _ := n.current()
	if f.mode == modeSlow && !wait(r.Context(), f.delay) {
		return
	}
	a, ok := parse(r.URL.Path)
	switch {
	case f.mode == modeError:
		refuse(w, http.StatusInternalServerError, never, "Failed to get beacon")
	case !ok:
		send(w, reply{http.StatusNotFound, forEver, textType, []byte(routes)})
	default:
		n.reply(w, r, a)
	}
}

func (n *Network) reply(w http.ResponseWriter, r *http.Request, a ask) {
	switch a.what {
	case "ping":
		send(w, reply{http.StatusOK, "", "text/plain", []byte(".")})
	case "chains":
		sendJSON(w, "", []string{n.chain.Hash.String()})
	case "beacons":
		sendJSON(w, "", []string{n.chain.ID})
	case "info":
		n.replyInfo(w, a)
	case "health":
		n.replyHealth(w, a)
	case "round":
		n.replyRound(w, r, a)
	}
}

func (n *Network) replyInfo(w http.ResponseWriter, a ask) {
	if !n.asks(a) {
		refuse(w, http.StatusInternalServerError, "", "Failed to get ChainInfo")
		return
	}
	send(w, reply{http.StatusOK, "", "application/json", n.info(a.v2)})
}

func (n *Network) replyHealth(w http.ResponseWriter, a ask) {
	h, err := n.health()
	if err != nil || !n.asks(a) {
		refuse(w, http.StatusInternalServerError, "no-cache", "Failed to get health")
		return
	}
	status := http.StatusOK
	if h.Current+1 < h.Expected || h.Current == 0 {
		status = http.StatusServiceUnavailable
	}
	body, _ := json.Marshal(h) // two integers
	send(w, reply{status, "no-cache", "application/json", body})
}

func (n *Network) replyRound(w http.ResponseWriter, r *http.Request, a ask) {
	if !n.asks(a) {
		refuse(w, http.StatusInternalServerError, never, "Failed to get beacon")
		return
	}
	switch a.round {
	case "latest":
		n.replyNewest(w, a, "")
		return
	case "next":
		n.replyNext(w, r)
		return
	}
	round, err := strconv.ParseUint(a.round, 10, 64)
	switch {
	case err != nil:
		refuse(w, http.StatusBadRequest, forEver, fmt.Sprintf("Failed to parse round. Err: %v", err))
	case round == math.MaxUint64:
		send(w, reply{http.StatusOK, forEver, "text/html; charset=utf-8", []byte(underflow)})
	case round == 0:
		n.replyNewest(w, a, fmt.Sprintf("public, must-revalidate, max-age=%d", n.untilNext()))
	default:
		n.replyNumbered(w, a, round)
	}
}

func (n *Network) replyNumbered(w http.ResponseWriter, a ask, round uint64) {
	has, due, err := n.published(round)
	switch {
	case err != nil || due && !has:
		refuse(w, http.StatusInternalServerError, never, "Failed to get beacon")
	case !has:
		refuse(w, http.StatusTooEarly, never, "Requested future beacon")
	default:
		n.sendRound(w, a, round, forEver)
	}
}

func (n *Network) replyNewest(w http.ResponseWriter, a ask, cache string) {
	round, err := n.newest()
	if err != nil || round == 0 {
		refuse(w, http.StatusInternalServerError, never, "Failed to get beacon")
		return
	}
	n.sendRound(w, a, round, cache)
}

// replyNext holds the request until a round appears that was not there, as drand's relay does. This
// one answer of version 2 has the randomness in it.
func (n *Network) replyNext(w http.ResponseWriter, r *http.Request) {
	const look = 20 * time.Millisecond // the clock may be a test's, so real time does not tell when
	seen, err := n.newest()
	for err == nil && wait(r.Context(), look) {
		var round uint64
		if round, err = n.newest(); round > seen {
			n.sendRound(w, ask{}, round, "")
			return
		}
	}
	refuse(w, http.StatusInternalServerError, never, "Failed to get beacon")
}

func (n *Network) sendRound(w http.ResponseWriter, a ask, round uint64, cache string) {
	v1, err := n.answer(round)
	if err != nil {
		refuse(w, http.StatusInternalServerError, never, "Failed to get beacon")
		return
	}
	if a.v2 {
		sendJSON(w, cache, roundV2{v1.Round, v1.Signature, v1.Previous})
		return
	}
	sendJSON(w, cache, v1)
}

// untilNext is the number of seconds to the next round, at least 1.
func (n *Network) untilNext() int64 {
	now := n.now().Unix()
	round, err := n.chain.FirstRoundAtOrAfter(now + 1)
	if err != nil {
		return 1
	}
	at, err := n.chain.TimeOf(round)
	if err != nil {
		return 1
	}
	return at - now
}

// wait reports false when the asker has gone first.
func wait(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}
