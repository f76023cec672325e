package web

import (
	"kleroterion/service"
	"kleroterion/service/seating"
)

// answersTo lists what a person can do with a code of this purpose.
func answersTo(v service.Invitation) []answer {
	if v.Purpose == service.CodeKey {
		return []answer{
			{Act: seating.GiveKey, Button: "Bind a new key", Tone: "good", Key: true,
				Meaning: "A key is made in your browser and bound to your seat in place of the one before.", Done: "The new key is bound to your seat. It counts from the next poll on."},
			{Act: seating.Recuse, Button: "Sit out one poll", Tone: "wait", Ground: true, Poll: true,
				Meaning: "You keep your seat and do not vote in one poll that has not opened yet.", Done: "You sit out this poll."},
			{Act: seating.Withdraw, Button: "Step down", Tone: "bad", Ground: true,
				Meaning: "You give up the seat. It is offered to the next person at once, and cannot be given back to you.", Done: "You have stepped down. The seat is offered to the next person."},
		}
	}
	list := []answer{
		{Act: seating.Accept, Button: "Accept", Tone: "good", Key: true,
			Meaning: "You take the seat and serve for the term. This cannot be undone with the same letter.", Done: "You have accepted. The seat is yours for the term."},
		{Act: seating.Decline, Button: "Decline", Tone: "bad",
			Meaning: "You do not take the seat. It is offered to the next person at once, and this draw will not ask you again.", Done: "You have declined. The seat is offered to the next person. You need not do anything else."},
	}
	if v.Terms.Deferral {
		list = append(list, answer{Act: seating.Defer, Button: "Not now", Tone: "wait", Ground: true,
			Meaning: "The seat is offered to the next person, and the city may ask you again in a later draw.", Done: "Your answer is noted. The seat is offered to the next person."})
	}
	return list
}
