// Ballots of docs/spec/poll.md, ready to sign.

import { base64, utf8 } from "./bytes.js";
import { canonical } from "./canonical.js";
import { seal } from "./timelock.js";

// ballotText returns the canonical ballot. poll is {hash, mode, size, round, chain}, the size in bytes;
// entropy, of entropySize bytes, is for a sealed one.
export function ballotText(poll, voter, choice, entropy) {
  if (poll.mode === "open") return canonical({ choice, poll: poll.hash, v: 1, voter });
  const inner = utf8(canonical({ choice, poll: poll.hash, v: 1, voter }));
  if (inner.length > poll.size) throw new Error(`This choice takes ${inner.length} bytes and the poll seals ${poll.size}: rank or score fewer options.`);
  const padded = new Uint8Array(poll.size).fill(0x20);
  padded.set(inner);
  return canonical({ poll: poll.hash, sealed: base64(seal(poll.chain, poll.round, padded, entropy)), v: 1, voter });
}

// castText joins ballot and signature without touching the bytes that were signed.
export const castText = (ballot, signature) => `{"ballot":${ballot},"signature":${canonical(signature)}}`;
