// Package service is kleroterion's use cases: a city commits to a register, a draw is opened, a
// public round decides it, an auditor takes the proof away. Each use case is one transaction on the
// [Store] that this package declares and package store implements.
//
// Most callers need [New] and the methods of [Service]: every method that changes something takes
// the [Actor] who asks, and checks there, first, whether that actor may. [Service.Run] performs what
// is due (imports, lotteries, draws, counts, matching) until its context ends; any number of replicas may run it.
//
// # Invariants
//
//   - A domain row and its log record commit in one transaction, or neither does.
//   - A register never changes after it is frozen; its pages, root and size are one commit.
//   - A draw uses the round of its manifest: never a later one, never another chain.
//   - A lottery over panels commits to nothing until a draw names its file, which is public from then on.
//   - The records of a funding round replay: what [Service] takes, package grants takes.
//   - Nothing that is refused leaves a trace, and nothing acknowledged is lost.
//   - Names, addresses and contacts never enter the log, a bundle or a log line.
//
// The package refuses to know Gin, GORM or HTTP, and takes its clock and entropy as parameters.
package service
