// Package storetest is the contract that every database of kleroterion must pass, and the throw-away
// PostgreSQL that tests run on.
//
// A test of a store calls [Run] with a function that opens an empty one. [Postgres] gives a test its
// own empty PostgreSQL database. [CheckLog] verifies a whole log from its rows, with a tree hash of
// its own.
//
// The contract covers what package service relies on: every method and its errors, atomicity,
// isolation, durability of what was acknowledged, leases with fences, requests that take effect once,
// and the chains and the tree of the log under concurrent appends. It knows nothing of SQL.
package storetest
