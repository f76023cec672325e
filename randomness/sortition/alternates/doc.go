// Package alternates fills the vacant seats of a drawn panel by a fixed rule, so that nobody chooses
// (docs/spec/panels.md, Alternates).
//
// Most callers need two calls. [NewPool] takes the pool of a draw and its seed; [Pool.Fill] says who is
// asked when seats are vacant: the people who together bring the panel back nearest to its quotas,
// among equals those with the lowest tickets. [Pool.Measure] says how near that is. [Pool.Rank] lists
// alternates before anybody has dropped out, for publication; it decides nothing.
//
// It refuses ids that are not the pool's, or that stand twice. All is counted in whole numbers, and
// follows from the file of the draw, its seed and the log.
package alternates
