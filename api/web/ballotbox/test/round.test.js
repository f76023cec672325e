import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { fromHex } from "../src/bytes.js";
import { giftBody, giftText, newNonce } from "../src/gift.js";
import { fileOf, moveText } from "../src/move.js";
import { message } from "../src/signing.js";

const { chain, rounds } = JSON.parse(readFileSync(process.env.ROUNDS ?? new URL("../../../../docs/spec/vectors/round.json", import.meta.url)));

// keysOf reads a roll: voters and their keys.
const keysOf = ({ roll }) => new Map(roll.trim().split("\n").map(JSON.parse).map(({ voter, key }) => [voter, key]));

// holds says whether a signature of the vectors, which another program made, is over this very text.
async function holds(key, thing, text, { signature }) {
  const bound = await crypto.subtle.importKey("raw", fromHex(key.public), "Ed25519", false, ["verify"]);
  return crypto.subtle.verify("Ed25519", bound, fromHex(signature), message(thing, text));
}

test("the open gifts of the vectors come out byte for byte", async () => {
  const round = rounds.find(({ name }) => name === "open");
  const keys = keysOf(round);
  let signed = 0;
  for (const { body } of round.records.filter(({ kind, body }) => kind === "gift.add" && body.gift)) {
    const { amount, donor, nonce, project } = body.gift;
    const text = giftText({ hash: round.hash, mode: "open" }, { amount, donor, nonce, project });
    assert.ok(await holds(keys.get(donor), "gift", text, body.signature), text);
    assert.equal(await holds(keys.get(donor), "gift", text.replace('"v":1', '"v":2'), body.signature), false);
    assert.deepEqual(JSON.parse(giftBody(text, body.signature)), { gift: body.gift, signature: body.signature });
    signed++;
  }
  assert.ok(signed >= 3, `${signed} gifts`);
});

test("the owners' moves of the vectors come out byte for byte", async () => {
  const seen = new Set();
  for (const round of rounds) {
    const keys = keysOf(round);
    const moves = new Map();
    const owners = new Map();
    for (const { body } of round.records.filter(({ kind }) => kind === "project.move")) {
      const seq = (moves.get(body.project) ?? 0) + 1;
      moves.set(body.project, seq);
      if (body.owner) owners.set(body.project, body.owner);
      if (!body.signature) continue;
      const { at, signature, ...move } = body;
      assert.ok(await holds(keys.get(`members/${owners.get(body.project)}`), "project", moveText(round.hash, seq, move), signature), JSON.stringify(body));
      seen.add(body.act);
    }
  }
  assert.deepEqual([...seen].sort(), ["appeal", "apply", "change", "withdraw"]);
});

test("a sealed gift shows neither amount nor project", () => {
  const round = rounds.find(({ name }) => name === "sealed");
  const m = round.manifest;
  const info = { hash: chain.chain_hash, key: chain.public_key, scheme: chain.scheme };
  const text = giftText({ hash: round.hash, mode: "sealed", size: m.size, opening: m.beacon.round, chain: info }, { amount: "900", donor: "members/a", nonce: newNonce(), project: "mill" }, new Uint8Array(48));
  assert.deepEqual(Object.keys(JSON.parse(text)), ["donor", "nonce", "round", "sealed", "v"]);
  const recorded = round.records.find(({ body }) => body.gift?.sealed).body.gift.sealed;
  assert.equal(JSON.parse(text).sealed.length, recorded.length);
  assert.throws(() => giftText({ hash: round.hash, mode: "sealed", size: 100, opening: m.beacon.round, chain: info }, { amount: "1", donor: "members/a", nonce: newNonce(), project: "mill" }, new Uint8Array(48)), /bytes/);
});

test("nonces are 32 digits and differ", () => {
  assert.match(newNonce(), /^[0-9a-f]{32}$/);
  assert.notEqual(newNonce(), newNonce());
});

test("a text is named by its bytes", async () => {
  assert.deepEqual(await fileOf("é"), { bytes: 2, sha256: "4a99557e4033c3539de2eb65472017cad5f9557f7a0625a09f1c3f6e2ba69c4c" });
  await assert.rejects(fileOf("\ud800"), /half/);
});
