// Package checkpoint reads and writes what a transparency log signs and proves: checkpoints,
// cosignatures, inclusion proofs, and the policy that says whom to trust (docs/spec/record.md).
//
// A log needs [Sign]. A verifier needs [ParsePolicy] for what the auditor brings, and [Open] or
// [Proof.Verify] under that policy.
//
// The formats are those of C2SP: signed-note, tlog-checkpoint, tlog-cosignature, tlog-proof and
// tlog-policy (https://c2sp.org). The parsers are our own because forged-looking input must not pass:
// each accepts exactly one text for one value (a policy, which people write, may have comments and
// spacing), and refuses what the formats leave to the application:
//
//   - extension lines in a checkpoint, and sizes above 2^53-1;
//   - extra data in a proof, which nobody signed;
//   - two signatures of one key on a note;
//   - one key under two names, a member of two groups, and a policy without a log.
//
// Witnesses sign with Ed25519 (cosignature/v1). A policy that names an ML-DSA-44 witness is refused,
// never half understood. The package does no I/O and has no clock.
package checkpoint
