package charter

import (
	"slices"

	"kleroterion/randomness/beacon"
)

// History replays the charters and members of one community in the order of the log. The tier in force
// follows from them; nobody declares it. It is not safe for concurrent use.
type History struct {
	dev      bool
	members  *Members
	adopted  []adopted // in force or pending, by seq
	inForce  int       // index into adopted
	progress progress
	last     int64 // time of the last event
}

type adopted struct {
	charter   *Charter
	hash      beacon.Hash
	effective int64
}

// NewHistory returns a community without a charter. dev says whether it rehearses on a dev chain.
func NewHistory(dev bool) *History { return &History{dev: dev, members: NewMembers()} }

// Members are those after the moves so far. Callers only read them.
func (h *History) Members() *Members { return h.members }

// Adopt takes in one charter.adopt record whose charter is c, see [Adopt.Parsed]. It does not look at the
// poll that adopted it. After an error nothing has changed.
func (h *History) Adopt(a Adopt, c *Charter) error {
	if err := h.checkAdopt(a, c); err != nil {
		return err
	}
	if len(h.adopted) == 0 {
		return h.first(a, c)
	}
	at, p := h.replay(a.At)
	if at < len(h.adopted)-1 {
		return refuse(ruleAdopt, "/at", "charter %d has not taken effect yet: it does at %d", h.adopted[at+1].charter.Seq, h.adopted[at+1].effective)
	}
	if err := a.checkNext(h.adopted[at].charter, c, p.tier, h.dev); err != nil {
		return err
	}
	h.adopted = append(h.adopted, adopted{c, a.Hash, a.Effective})
	h.inForce, h.progress, h.last = at, p, a.At
	return nil
}

func (h *History) checkAdopt(a Adopt, c *Charter) error {
	if err := a.Check(); err != nil {
		return err
	}
	hash, err := c.Hash()
	if err != nil {
		return err
	}
	if hash != a.Hash {
		return refuse(ruleAdopt, "/charter", "the record has another charter than the one given: %s, not %s", a.Hash, hash)
	}
	return h.notBack(a.At)
}

func (h *History) notBack(at int64) error {
	if at < h.last {
		return refuse(ruleTime, "/at", "%d is before the community's last record at %d", at, h.last)
	}
	return nil
}

func (h *History) first(a Adopt, c *Charter) error {
	if err := c.Check(h.dev); err != nil {
		return err
	}
	if err := a.checkFirst(c); err != nil {
		return err
	}
	h.adopted, h.last = []adopted{{c, a.Hash, a.Effective}}, a.At
	if c.Ratchet != nil { // epochs that ended before there was a charter count for nothing
		h.progress.epochs = c.Ratchet.ended(a.Effective)
	}
	h.progress.under(c)
	return nil
}

// Move takes in one member.move record, under the charter in force at its time. After an error nothing
// has changed.
func (h *History) Move(mv Move) error {
	if err := h.notBack(mv.At); err != nil {
		return err
	}
	if len(h.adopted) == 0 {
		return refuse(ruleSequence, "", "there is no charter yet")
	}
	next, err := h.members.plan(h.adopted[h.at(mv.At)].charter, mv, h.dev)
	if err != nil {
		return err
	}
	h.inForce, h.progress = h.replay(mv.At) // before the move: an epoch that ends now does not see it
	h.members.commit(next, mv.At)
	h.last = mv.At
	return nil
}

// At returns the charter in force at t, its hash, the tier in force and how it came about. t is not before
// the last event. Later events at t or after it do not change the tier at t.
func (h *History) At(t int64) (inForce *Charter, hash beacon.Hash, tier int, events []TierEvent, err error) {
	if len(h.adopted) == 0 {
		return nil, beacon.Hash{}, 0, nil, refuse(ruleSequence, "", "there is no charter yet")
	}
	if err := h.notBack(t); err != nil {
		return nil, beacon.Hash{}, 0, nil, err
	}
	at, p := h.replay(t)
	return h.adopted[at].charter, h.adopted[at].hash, p.tier, slices.Clone(p.events), nil
}

// at returns the index of the charter in force at t.
func (h *History) at(t int64) int {
	i := h.inForce
	for i+1 < len(h.adopted) && h.adopted[i+1].effective <= t {
		i++
	}
	return i
}

// replay evaluates the epochs that ended at or before t, each under the charter that was in force before
// its last second, and leaves h as it is.
func (h *History) replay(t int64) (inForce int, p progress) {
	p = h.progress.copy()
	for i := h.inForce; ; i++ {
		c := h.adopted[i].charter
		if i+1 == len(h.adopted) || h.adopted[i+1].effective > t {
			p.advance(c, h.members, t)
			return i, p
		}
		p.advance(c, h.members, h.adopted[i+1].effective)
		p.under(h.adopted[i+1].charter)
	}
}
