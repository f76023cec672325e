// Package demo plays the whole story on one machine: a town, its register, a draw decided by a
// public round, the proof in one file, and a forger who is found out. Everything in it is the real
// service on the real formats, except that the chain is a local one: a rehearsal, and marked so.
package demo
