package beacon

import (
	"fmt"
	"math"
	"math/bits"
)

// TimeOf returns the Unix second at which round is due: genesis + (round-1)·period. Round 0, a round
// above [MaxRound] and a time beyond int64 are errors.
func (c *Chain) TimeOf(round uint64) (int64, error) {
	if err := c.checkFields(); err != nil {
		return 0, err
	}
	if round < 1 || round > MaxRound {
		return 0, fmt.Errorf("round %d of chain %s: want 1 to 2^53-1", round, c.Name)
	}
	high, after := bits.Mul64(round-1, uint64(c.Period))
	if high != 0 || after > uint64(math.MaxInt64-c.Genesis) {
		return 0, fmt.Errorf("round %d of chain %s: its time does not fit 64 bits", round, c.Name)
	}
	return c.Genesis + int64(after), nil
}

// RoundAt returns the newest round due at or before Unix second t, and 0 before genesis.
func (c *Chain) RoundAt(t int64) (uint64, error) {
	if err := c.checkFields(); err != nil {
		return 0, err
	}
	if t < c.Genesis {
		return 0, nil
	}
	return c.checkRound(uint64(t-c.Genesis)/uint64(c.Period)+1, t)
}

// FirstRoundAtOrAfter returns the first round due at or after Unix second t: 1 up to genesis, then
// ceil((t-genesis)/period) + 1.
func (c *Chain) FirstRoundAtOrAfter(t int64) (uint64, error) {
	round, err := c.RoundAt(t)
	if err != nil {
		return 0, err
	}
	if t >= c.Genesis && (t-c.Genesis)%c.Period == 0 {
		return round, nil
	}
	return c.checkRound(round+1, t)
}

func (c *Chain) checkRound(round uint64, t int64) (uint64, error) {
	if round > MaxRound {
		return 0, fmt.Errorf("time %d on chain %s: its round is above 2^53-1", t, c.Name)
	}
	return round, nil
}
