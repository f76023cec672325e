package seating_test

import (
	"crypto/sha256"
	"fmt"

	"kleroterion/randomness/beacon"
	"kleroterion/randomness/sortition"
	"kleroterion/service/seating"
)

// A person declines, and a clerk would like to seat a friend.
func Example() {
	result := sortition.Result{V: 1, Strata: []sortition.Places{{Seats: people(1, 2), Alternates: people(2, 4)}}}
	b, err := result.Canonical()
	if err != nil {
		panic(err)
	}
	sha := sha256.Sum256(b)
	jury, err := seating.New("city/town/draw/canal/seats", result, sha, seating.Open{
		Answer: 3600, At: 1800000000, Ends: 1810000000, Result: beacon.Hash(sha), Starts: 1800100000,
	}, false)
	if err != nil {
		panic(err)
	}
	_, err = seating.Replay(jury, jury.Due(1800000000))
	fmt.Println(jury.Seats()[0].State, err)
	err = jury.Apply(seating.Move{Act: seating.Decline, At: 1800000060, ID: person(1), Seat: 1})
	fmt.Println(jury.Seats()[0].State, err)
	friend := jury.Due(1800000061)[0]
	friend.ID = person(99)
	fmt.Println(jury.Apply(friend).(*seating.Refusal).Rule)
	// Output:
	// invited <nil>
	// vacant <nil>
	// out_of_order
}
