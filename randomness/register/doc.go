// Package register is the frozen, committed list of people among whom a jury may be drawn
// (docs/spec/register.md).
//
// Most callers need two calls. [Read] takes the register file, one canonical entry a line, and
// returns a compact [Register] with its root, size and digest, or a [Refusal] that names the line
// and the rule. [NewImporter] takes a city's CSV file and yields its rows one by one, checked and
// normalised; [Sealer.Seal] makes the private record, the salt and the public entry of a row.
//
// One person checks one line with [Check]: their own record and salt, and the [Proof] that anyone
// may hand them. Proofs need public data only, so erasing private rows leaves every proof valid.
//
// What the package refuses: an entry in any but its one canonical form, a file that is unsorted or
// holds an id twice, a proof with a hash too many or too few, a mapping that would publish a
// person's number or name, and every import error in the table of the specification. Nothing is
// repaired: an import with one bad row is an import with no rows.
//
// The package does no I/O of its own and knows no clock; readers, writers and entropy are
// parameters. Problems of an import quote personal data: show them to the registrar, never log them.
package register
