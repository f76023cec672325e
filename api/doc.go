// Package api serves kleroterion over HTTP with Gin: it decodes, validates, calls package service and
// encodes, and does nothing else.
//
// Most callers need [New], which is an [http.Handler], and [NewServer], which wraps one in a server
// with the timeouts that it expects. The routes are described by the same Go types and validator
// tags that bind them: [API.Spec] is the OpenAPI 3.1 document, served at /openapi.json, and package
// client is generated from it.
//
// # Rules that hold for every route
//
//   - A request means one thing or is refused: unknown and duplicate members, unknown query
//     parameters, null, bytes after the value and other content types are errors, never ignored.
//   - Every refusal is an RFC 9457 problem with a stable code. Malformed input is 400, well-formed
//     input that breaks a rule 422, a thing that will be there later 409 "too early" with Retry-After.
//   - No body, token, code, query string, path or address of a caller is ever logged.
//   - Ballots, gifts, owners' acts about projects and statements about members bear signatures of their
//     own and need no key. What is signed is kept byte for byte. A code from a letter stands in a body,
//     never in a path.
//   - An amount of money is text of digits, in minor units. A JSON number is refused.
//   - An answer that was cut short is cut on the wire too: it never looks complete.
package api
