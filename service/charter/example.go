package charter

import (
	"cmp"
	"slices"

	"kleroterion/randomness/beacon"
	"kleroterion/service/identity"
	"kleroterion/service/ratio"
)

// Example returns a charter to begin with: members 4/5, a jury of residents of the city with 1/5 and 51
// seats, sealed ballots, amendments by 2/3 with 14 days' delay, and no founders. More than half of the
// attesters must sign. The caller changes what the community wants and calls [Charter.Check].
func Example(community, name string, chain beacon.Hash, attesters []identity.Attester, city string) *Charter {
	of := slices.SortedFunc(slices.Values(attesters), func(a, b identity.Attester) int { return cmp.Compare(a.ID, b.ID) })
	floor := ratio.New(1, 4)
	return &Charter{
		V: 1, Community: community, Name: name, Seq: 1, Chain: chain,
		Chambers: []Chamber{
			{ID: ChamberMembers, Share: ratio.New(4, 5), Quorum: &Quorum{QuorumTurnout, ratio.New(1, 5)}},
			{ID: ChamberJury, Share: ratio.New(1, 5), Quorum: &Quorum{QuorumTurnout, ratio.New(1, 2)},
				Thin: ThinScale, Floor: &floor, City: city, Seats: 51},
		},
		Attesters: Attesters{K: int64(len(of)/2 + 1), Of: of},
		Ballot:    Ballot{Mode: ModeSealed, Days: maxDays, Notice: minDelay, Size: 256},
		Threshold: ratio.New(1, 2),
		Amendment: Amendment{Threshold: ratio.New(2, 3), Delay: minDelay},
	}
}
