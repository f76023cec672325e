package sortition

import (
	"kleroterion/randomness"
	"kleroterion/randomness/register"
)

// Order draws with a given seed, for properties that hold seed by seed.
func Order(m *Manifest, r *register.Register, seed [32]byte) []Places {
	places, err := m.drawStrata(r, randomness.Seed(seed))
	if err != nil {
		panic(err)
	}
	return places
}
