// Ballots of docs/spec/poll.md, ready to sign.

import { base64, utf8 } from "./bytes.js";
import { canonical } from "./canonical.js";
import { seal } from "./timelock.js";

// ballotText returns the canonical ballot. poll is {hash, mode, size, round, chain}, the size in bytes;
// entropy, of entropySize bytes, is for a sealed one.
export function ballotText(poll, voter, choice, entropy) {
  const plain = canonical({ choice, poll: poll.hash, v: 1, voter });
  if (poll.mode === "open") return plain;
  return canonical({ poll: poll.hash, sealed: sealed(poll, plain, entropy), v: 1, voter });
}

// sealed returns a text, with spaces up to size, sealed to a round of a chain.
export function sealed({ size, round, chain }, text, entropy) {
  const inner = utf8(text);
  if (inner.length > size) throw new Error(`This takes ${inner.length} bytes, and ${size} can be sealed: choose less.`);
  const padded = new Uint8Array(size).fill(0x20);
  padded.set(inner);
  return base64(seal(chain, round, padded, entropy));
}

// castText joins ballot and signature without touching the bytes that were signed.
export const castText = (ballot, signature) => `{"ballot":${ballot},"signature":${canonical(signature)}}`;
