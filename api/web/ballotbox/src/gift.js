// Gifts of docs/spec/round.md, ready to sign.

import { hex } from "./bytes.js";
import { canonical } from "./canonical.js";
import { sealed } from "./box.js";

// giftText returns the canonical gift. round is {hash, mode, size, opening, chain}, the size in bytes;
// entropy, of entropySize bytes, is for a sealed one.
export function giftText(round, { amount, donor, nonce, project }, entropy) {
  const plain = { amount, donor, nonce, project, round: round.hash, v: 1 };
  if (round.mode === "open") return canonical(plain);
  return canonical({ donor, nonce, round: round.hash, sealed: sealed({ ...round, round: round.opening }, canonical(plain), entropy), v: 1 });
}

// newNonce is 32 hexadecimal digits, one for each gift.
export const newNonce = () => hex(crypto.getRandomValues(new Uint8Array(16)));

// giftBody joins gift and signature without touching the bytes that were signed.
export const giftBody = (gift, signature) => `{"gift":${gift},"signature":${canonical(signature)}}`;
