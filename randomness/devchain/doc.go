// Package devchain is a drand-compatible chain with one local key, for development, demos and tests;
// never for real draws. Whoever knows its secret knows every future round, so its chain has the
// status dev and whatever uses it is a rehearsal.
//
// Most users need two calls. [New] makes a chain from a 32-byte secret, the same chain for the same
// secret and options. [Network.Handler] serves it over HTTP as a drand relay does, paths of versions
// 1 and 2, so that any drand client can read it:
//
//	network, err := devchain.New(devchain.Options{Period: 3 * time.Second, Genesis: start, Secret: secret, Now: time.Now})
//	server := &http.Server{Handler: network.Handler()}
//
// [Network.Chain] goes into a set of chains with beacon.Chains.With. [Network.Sign] signs any round
// at once, for fixtures. The handler serves no round before its time by the clock Now.
//
// [Network.SetFault] turns the relay into a bad one: late, halted, slow, failing, answering another
// round, another signature or another encoding of the right one, lying about the chain. Networks made
// from the same secret are relays of the same chain and may have different faults.
//
// It refuses a period below one second or with a fraction, a secret of fewer than 32 bytes, an
// unknown scheme, and to walk a chained chain further than [MaxChained] rounds.
package devchain
