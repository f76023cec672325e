import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { fromHex, hex } from "../src/bytes.js";
import { seal } from "../src/timelock.js";

const vectors = JSON.parse(readFileSync(process.env.VECTORS ?? new URL("../../../../docs/spec/vectors/timelock.json", import.meta.url)));
const made = vectors.sealed;
const info = vectors.chains.find((c) => c.hash === made.chain);
const chain = { hash: info.hash, key: info.public_key, scheme: info.schemeID };

test("the file of the vectors comes out byte for byte", () => {
  const file = seal(chain, made.round, fromHex(made.plaintext), fromHex(made.entropy));
  assert.equal(hex(file), hex(Buffer.from(made.file_base64, "base64")));
});

test("every byte of entropy changes the file", () => {
  const first = hex(seal(chain, made.round, fromHex(made.plaintext), fromHex(made.entropy)));
  for (const at of [0, 15, 16, 31, 32, 47]) {
    const other = fromHex(made.entropy);
    other[at] ^= 1;
    assert.notEqual(hex(seal(chain, made.round, fromHex(made.plaintext), other)), first);
  }
});

test("what cannot be sealed is refused", () => {
  const sealed = (c, round, entropy = 48) => () => seal(c, round, new Uint8Array(1), new Uint8Array(entropy));
  for (const round of [0, -1, 1.5, 2 ** 53, NaN, "7"]) assert.throws(sealed(chain, round), /round/);
  assert.throws(sealed(chain, 1, 47), /entropy/);
  assert.throws(sealed({ ...chain, scheme: "pedersen-bls-chained" }, 1), /scheme/);
  assert.throws(sealed({ ...chain, key: "00".repeat(96) }, 1));
  assert.throws(sealed({ ...chain, key: chain.key.slice(2) }, 1));
});
