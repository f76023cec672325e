// Package filelock makes processes on one machine take turns. The lock is the kernel's: it ends with
// the process that holds it, also when that is killed.
//
// [Acquire] waits for the lock of a file, which it creates and never removes; the function it
// returns releases it. Locks of one process exclude each other too.
package filelock
