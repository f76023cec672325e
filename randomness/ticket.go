package randomness

import (
	"crypto/hmac"
	"crypto/sha256"
	"hash"
)

// Ticket is a person's place in one draw: the lowest tickets win.
type Ticket [32]byte

// Tickets computes many tickets of one seed without allocating. It is not safe for concurrent use:
// give each goroutine its own.
type Tickets struct {
	mac hash.Hash
	in  [len(ticketLabel) + 64]byte
	out Ticket
}

const ticketLabel = "ticket\n"

// Tickets returns a computer of this seed's tickets.
func (s Seed) Tickets() *Tickets {
	t := &Tickets{mac: hmac.New(sha256.New, s[:])}
	copy(t.in[:], ticketLabel)
	return t
}

// Of returns the ticket of the person whose entry has this id.
func (t *Tickets) Of(id [32]byte) Ticket {
	const digits = "0123456789abcdef"
	for i, b := range id {
		t.in[len(ticketLabel)+2*i] = digits[b>>4]
		t.in[len(ticketLabel)+2*i+1] = digits[b&15]
	}
	t.mac.Reset()
	t.mac.Write(t.in[:])
	t.mac.Sum(t.out[:0])
	return t.out
}

// Ticket returns one person's ticket.
func (s Seed) Ticket(id [32]byte) Ticket { return s.Tickets().Of(id) }
