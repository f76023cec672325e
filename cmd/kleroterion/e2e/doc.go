// Package e2e has no code of its own: its tests run the whole program as its users meet it.
//
//   - kill_test.go starts the real binary, kills it at every moment that matters and compares what it
//     has with what it acknowledged, on both databases.
//   - pollkill_test.go and pollreplica_test.go do the same to seats, ballots, closing and counting.
//   - script_test.go and testdata run the command line, story by story.
//   - fault_test.go, replica_test.go and stop_test.go take the beacon, the other replica or the ground
//     away from a running service.
//   - privacy_test.go looks for a resident where no resident may be found.
//   - browser_test.go reads the pages in a browser, on a phone's screen.
//
// Read office_test.go first: it has the two things that most tests need, a service and a city office
// that works with it over HTTP. The tests refuse mocks: databases, keys, beacons and browsers are real,
// only the chain is a local one.
package e2e
