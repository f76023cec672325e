import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { change, minorUnits, money } from "../src/amounts.js";

const rows = JSON.parse(readFileSync(new URL("amounts.json", import.meta.url)));

test("amounts are read and shown exactly", () => {
  for (const { text, decimals, want, shown } of rows.filter((row) => row.want)) {
    const asset = { code: "EUR", decimals };
    assert.equal(minorUnits(text, asset), want);
    assert.equal(money(want, asset), shown);
  }
});

test("what is no amount is refused in words", () => {
  for (const { text, decimals, refused } of rows.filter((row) => row.refused)) {
    assert.throws(() => minorUnits(text, { code: "EUR", decimals }), ({ message }) => message.includes(refused), text);
  }
});

test("a change has its sign", () => {
  const asset = { code: "EUR", decimals: 2 };
  assert.equal(change("100", "1250", asset), "+11.50 EUR");
  assert.equal(change("1250", "100", asset), "−11.50 EUR");
});
