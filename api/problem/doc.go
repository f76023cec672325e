// Package problem is the one shape of a refusal over HTTP: RFC 9457 problem details with a stable code, the
// members at fault and the request's id.
//
// Servers fill a [Problem] and serve it as [MediaType]; clients read one with [Parse] and use it as
// an error. It refuses to carry stacks, SQL or anything else about the inside of the server: there
// is no member for it.
package problem
