package charter

import (
	"bytes"
	"encoding/hex"
	"slices"

	"kleroterion/service/identity"
)

// Elector is somebody on the roll of a chamber.
type Elector struct {
	Member string // 64 hex
	Key    identity.Key
}

// Roll lists the members, or the founders, who may vote after the moves so far, ascending by id. Other
// chambers have no roll here. In a poll without a founders' chamber (see [Charter.SharesAt]) the roll of
// members is both lists together.
func (ms *Members) Roll(c *Charter, chamber string) []Elector {
	var on []int32
	switch chamber {
	case ChamberFounders:
		on = ms.activeFounders(c)
	case ChamberMembers:
		on = ms.activeMembers(c)
	}
	slices.SortFunc(on, func(a, b int32) int { return bytes.Compare(ms.rows[a].id[:], ms.rows[b].id[:]) })
	list := make([]Elector, len(on))
	for i, at := range on {
		r := &ms.rows[at]
		list[i] = Elector{hex.EncodeToString(r.id[:]), r.key()}
	}
	return list
}

func (ms *Members) activeFounders(c *Charter) []int32 {
	var on []int32
	if c.Founders == nil {
		return nil
	}
	for _, id := range c.Founders.Members {
		if i, ok := ms.find(id); ok && ms.rows[i].state == StateActive {
			on = append(on, i)
		}
	}
	return on
}

func (ms *Members) activeMembers(c *Charter) []int32 {
	founder := map[int32]bool{}
	for _, i := range ms.activeFounders(c) {
		founder[i] = true
	}
	on := make([]int32, 0, len(ms.rows))
	for i := range ms.rows {
		if ms.rows[i].state == StateActive && !founder[int32(i)] {
			on = append(on, int32(i))
		}
	}
	return on
}

// ActiveFounders is the number of the charter's founders who are active members.
func (ms *Members) ActiveFounders(c *Charter) int64 { return int64(len(ms.activeFounders(c))) }

// CountAt is the ratchet's metric at t, which is not before the last move: the members who are neither
// suspended nor gone, were admitted at least the charter's age before t, and are not founders.
func (ms *Members) CountAt(c *Charter, t int64) int64 {
	age := int64(0)
	if c.Ratchet != nil {
		age = c.Ratchet.Age
	}
	n := ms.admitted.upTo(t - age)
	for _, i := range ms.activeFounders(c) {
		if ms.rows[i].admittedAt <= t-age {
			n--
		}
	}
	return n
}
