// Signs what people sign in a funding round, as the pages do, for a test in another language: reads
// {"round", "signs": [{file, move, seq, text} or {file, gift}]} on standard input, prints {"made": [body]}.

import { giftBody, giftText, newNonce } from "../src/gift.js";
import { fileOf, moveText } from "../src/move.js";
import { message, readKeyFile, signWithHandle } from "../src/signing.js";
import { entropySize } from "../src/timelock.js";

let input = "";
for await (const part of process.stdin) input += part;

const { round, signs } = JSON.parse(input);
const made = [];
for (const { file, gift, move, seq, text } of signs) {
  const { handle } = await readKeyFile(file);
  if (gift) {
    const signed = giftText(round, { ...gift, nonce: newNonce() }, crypto.getRandomValues(new Uint8Array(entropySize)));
    made.push(giftBody(signed, await signWithHandle(handle, message("gift", signed))));
    continue;
  }
  const named = { ...move, text: text && (await fileOf(text)) };
  const signature = await signWithHandle(handle, message("project", moveText(round.hash, seq, named)));
  made.push(JSON.stringify({ ...named, signature }));
}
process.stdout.write(JSON.stringify({ made }));
