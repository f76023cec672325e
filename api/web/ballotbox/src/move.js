// What a project's owner signs (docs/spec/round.md).

import { digest, hex, utf8 } from "./bytes.js";
import { canonical } from "./canonical.js";

// moveText returns the canonical move: {act, project} with what belongs to the act, its text as {bytes, sha256}.
// seq is 1 and the number of the project's moves before it.
export const moveText = (hash, seq, move) => canonical({ ...move, round: hash, seq, v: 1 });

// fileOf names a text by its digest.
export async function fileOf(text) {
  if (!text.isWellFormed()) throw new Error("The text has half a character.");
  const bytes = utf8(text);
  return { bytes: bytes.length, sha256: hex(await digest(bytes)) };
}
