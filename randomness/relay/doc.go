// Package relay fetches rounds of drand chains from several relays over HTTP and trusts none of them.
//
// A beacon proves itself: the answer of any relay is worth as much as the signature in it, and a
// relay can only delay or withhold. So the package asks for one explicit round, never for the newest,
// verifies every answer strictly, asks a second relay when the first dawdles, and goes on until the
// round is there or the caller's context ends. A failure never leads to another round.
//
// Most users need two calls. [Client.Get] waits for a round and returns it verified; [Client.GetOnce]
// makes one attempt at once, for callers with a job queue of their own:
//
//	client, err := relay.New(relay.Options{Relays: relay.DefaultRelays(), Chains: beacon.Pinned(), Now: time.Now, Jitter: rand.Reader})
//	fetched, err := client.Get(ctx, chain.Hash, round)
//
// [Client.ClockSkew] finds out whether the local clock runs behind the chain, [Client.CheckDiversity]
// whether the configured relays belong to at least two organisations, [Client.Health] how each relay
// does. Options.Observe is told once of every change of state, so that logs are not flooded.
//
// What it refuses: retired and unknown chains, redirects to another host, bodies above 8 KiB, answers
// that are not JSON or say a member twice, another round than the asked one, and whatever
// [beacon.Verify] refuses. A relay that served a wrong signature, round or randomness is quarantined,
// longer each time. Errors are [*NotYet] while the round can still come, [*Halted] when the chain
// itself stands still, and [*Misconfigured] when waiting would be of no use.
package relay
