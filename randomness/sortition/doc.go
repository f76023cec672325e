// Package sortition draws juries by lot from a committed register (docs/spec/draw.md).
//
// A [Manifest] fixes everything before the randomness exists; [ParseManifest] and the Check methods
// refuse one that leaves anybody a choice. [Draw] turns manifest, register and one verified beacon
// into the [Result], the same on every machine.
//
// The order of people is the order of their tickets, so the result does not depend on the order of
// the list, a larger jury keeps the earlier picks, and striking a person leaves everyone else's
// place as it was.
//
// The package does not verify beacons and does not know what time it is: callers pass a beacon that
// package beacon has verified, and the time where a rule needs it.
package sortition
