// Makes ballots as the page does, for a test in another language: reads {"ballots": [{poll, voter, entered}]}
// on standard input, prints {"ballots": [{key, cast, file}]}. Each voter gets a key of their own, which is
// saved and read again.

import { ballotText, castText } from "../src/box.js";
import { choiceOf } from "../src/choice.js";
import { keyFile, message, newFileKey, readKeyFile, signWithHandle } from "../src/signing.js";
import { entropySize } from "../src/timelock.js";

let input = "";
for await (const part of process.stdin) input += part;

const ballots = [];
for (const { poll, voter, entered } of JSON.parse(input).ballots) {
  const made = await newFileKey();
  const { handle } = await readKeyFile(keyFile({ ...made, voter, seats: "city/example/jury/x/seats" }));
  const text = ballotText(poll, voter, choiceOf(entered), crypto.getRandomValues(new Uint8Array(entropySize)));
  ballots.push({ key: made.key, cast: castText(text, await signWithHandle(handle, message("ballot", text))) });
}
process.stdout.write(JSON.stringify({ ballots }));
