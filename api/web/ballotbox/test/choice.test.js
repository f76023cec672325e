import assert from "node:assert/strict";
import { test } from "node:test";

import { canonical } from "../src/canonical.js";
import { choiceOf, cost } from "../src/choice.js";

test("what a person enters becomes one choice", () => {
  for (const [entered, want] of [
    [{ method: "yes_no", vote: "abstain" }, { vote: "abstain" }],
    [{ method: "approval", approve: ["a", "c"] }, { approve: ["a", "c"] }],
    [{ method: "approval", approve: [], blank: true }, { blank: true }],
    [{ method: "irv", ranking: ["b", "a"] }, { ranking: [["b"], ["a"]] }],
    [{ method: "score", numbers: [["a", "0"], ["b", " 3 "]] }, { scores: { b: 3 } }],
    [{ method: "quadratic", numbers: [["a", "-2"], ["b", "1"]], credits: 5 }, { votes: { a: -2, b: 1 } }],
    [{ method: "yes_no", delegate: "ab".repeat(32) }, { delegate: `members/${"ab".repeat(32)}` }],
  ]) assert.deepEqual(choiceOf(entered), want);
});

test("what is no choice is refused in words", () => {
  for (const [entered, words] of [
    [{ method: "approval", approve: [] }, /chose nothing/],
    [{ method: "schulze", ranking: [] }, /chose nothing/],
    [{ method: "score", numbers: [["a", "0"]] }, /chose nothing/],
    [{ method: "approval", approve: ["a"], blank: true }, /one of the two/],
    [{ method: "score", numbers: [["a", "1.5"]] }, /whole number/],
    [{ method: "score", numbers: [["a", "1e3"]] }, /whole number/],
    [{ method: "score", numbers: [["a", ""]] }, /whole number/],
    [{ method: "quadratic", numbers: [["a", "2"], ["b", "2"]], credits: 7 }, /8 credits, and you have 7/],
    [{ method: "yes_no", delegate: "me" }, /64 characters/],
    [{ method: "yes_no", delegate: "AB".repeat(32) }, /64 characters/],
  ]) assert.throws(() => choiceOf(entered), words);
});

test("credits are squares", () => assert.equal(cost([["a", "3"], ["b", "-4"], ["c", "x"]]), 25));

test("the canonical form is that of docs/spec/canonical.md", () => {
  for (const [value, want] of [
    [{ b: 1, a: [true, "x"], c: undefined }, '{"a":[true,"x"],"b":1}'],
    [{ "\u{1f600}": 1, "\ufb33": 2 }, '{"\u{1f600}":1,"\ufb33":2}'], // by UTF-16 code units
    ["\u001f\n\"\\/é\u007f", '"\\u001f\\n\\"\\\\/é\u007f"'],
  ]) assert.equal(canonical(value), want);
  for (const value of [null, 1.5, NaN, -0, 2 ** 53, "\ud800", undefined, [undefined], 1n]) assert.throws(() => canonical(value));
});
