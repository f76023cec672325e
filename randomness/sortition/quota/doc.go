// Package quota states what a fair panel must look like and whether this pool can fill it
// (docs/spec/panels.md).
//
// A [Quota] says how many seats go to people with one value of one feature; a [Person] has one value
// of every feature. [New] checks both and turns them into a [Problem], in which people whom no quota
// tells apart are one [Type], so that its size does not depend on the number of people.
//
// The package refuses quotas and people that do not fit together, and says of each what is wrong
// and how to mend it. It does no I/O and has no randomness: the same input gives the same Problem,
// byte for byte.
package quota
