// Package serve puts the service together: database, log key, relays, publisher, use cases and HTTP,
// in the order in which they need each other, and takes them apart in the reverse order.
//
// [Start] returns a running [Instance]; its Wait blocks until the context ends or a part fails, and
// returns when nothing of it runs any more. Tests and the demonstration start real instances this
// way, on port 0.
package serve
