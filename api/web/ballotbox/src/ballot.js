// The ballot page: seals, signs and sends. Nothing but the signed ballot leaves the browser.

import { ballotText, castText } from "./box.js";
import { choiceOf, cost } from "./choice.js";
import { at, busy, offer, post } from "./page.js";
import { rank } from "./ranking.js";
import { find, memberShelf } from "./shelf.js";
import { hasPasskeys, message, readKeyFile, signWithHandle, signWithPasskey } from "./signing.js";
import { entropySize } from "./timelock.js";

const form = at("ballot");
function prepare() {
  form.hidden = false;
  at("passkey-row").hidden = !hasPasskeys();
  rank();
  form.addEventListener("input", () => showCredits());
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    busy(at("cast"), "Your ballot is being sealed and signed …", cast);
  });
  at("file").addEventListener("change", () => busy(at("cast"), "Reading the file …", useFile));
  keptKey().then((kept) => kept && offerKept(kept), () => {}); // a browser that keeps no keys has none to offer
}

// keptKey is the key of a seat of this poll's jury, or else a member's.
const keptKey = async () => (await find(form.dataset.seats)) ?? find(memberShelf);

function offerKept(kept) {
  at("kept-row").hidden = false;
  if (at("voter").value || at("file").files.length > 0) return; // the person was quicker
  at("key-kept").checked = true;
  fill(kept);
}

async function useFile() {
  const file = await fromFile();
  at("key-file").checked = true;
  at("said").replaceChildren();
  fill(file);
}

// fill enters who votes, where the key knows.
function fill({ voter }) {
  const [chamber, name] = (voter ?? "").split("/");
  if (!name || !at(`c-${chamber}`)) return;
  at(`c-${chamber}`).checked = true;
  at("voter").value = name;
}

async function fromFile() {
  const [file] = at("file").files;
  if (!file) throw new Error("Choose your key file first.");
  return readKeyFile(await file.text());
}

const numbers = () => [...form.querySelectorAll("[name=number]")].map((input) => [input.dataset.option, input.value]);

function showCredits() {
  const shown = at("credits");
  if (shown) shown.textContent = `${cost(numbers())} of ${form.dataset.credits} credits spent`;
}

function entered() {
  const { method, credits } = form.dataset;
  const values = new FormData(form);
  return {
    method, credits: Number(credits), numbers: numbers(), vote: values.get("vote"), approve: values.getAll("approve"), blank: values.has("blank"),
    ranking: [...(at("ranking")?.children ?? [])].map((item) => item.dataset.option), delegate: (values.get("delegate") ?? "").trim(),
  };
}

async function cast() {
  const d = form.dataset;
  const poll = { hash: d.poll, mode: d.mode, size: Number(d.size), round: Number(d.round), chain: { hash: d.chain, key: d.key, scheme: d.scheme } };
  const choice = choiceOf(entered());
  const sign = await signer(form.elements.key.value);
  const text = ballotText(poll, `${form.elements.chamber.value}/${at("voter").value.trim()}`, choice, crypto.getRandomValues(new Uint8Array(entropySize)));
  const receipt = await post(`/v1/polls/${d.id}/ballots`, castText(text, await sign(message("ballot", text))));
  show(receipt);
}

async function signer(kind) {
  if (kind === "file") {
    const { handle } = await fromFile();
    return (bytes) => signWithHandle(handle, bytes);
  }
  const kept = kind === "kept" ? await keptKey() : {};
  return kept.handle ? (bytes) => signWithHandle(kept.handle, bytes) : (bytes) => signWithPasskey(kept.credential, bytes);
}

function show(receipt) {
  at("said").replaceChildren();
  form.hidden = true;
  at("number").textContent = receipt.n;
  at("save").download = `receipt-${receipt.n}.json`;
  offer(at("save"), `${JSON.stringify(receipt)}\n`, "application/json");
  at("receipt").hidden = false;
  at("receipt").focus();
}

if (form) prepare();
