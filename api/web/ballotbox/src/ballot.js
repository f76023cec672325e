// The ballot page: seals, signs and sends. Nothing but the signed ballot leaves the browser.

import { ballotText, castText } from "./box.js";
import { choiceOf, cost } from "./choice.js";
import { fromFile, offerKeys, signer } from "./holder.js";
import { at, busy, offer, post } from "./page.js";
import { rank } from "./ranking.js";
import { message } from "./signing.js";
import { entropySize } from "./timelock.js";

const form = at("ballot");
function prepare() {
  form.hidden = false;
  rank();
  form.addEventListener("input", () => showCredits());
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    busy(at("cast"), "Your ballot is being sealed and signed …", cast);
  });
  at("file").addEventListener("change", () => busy(at("cast"), "Reading the file …", useFile));
  offerKeys(form.dataset.seats, () => at("voter").value, fill);
}

async function useFile() {
  const file = await fromFile();
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
  const sign = await signer(form.elements.key.value, d.seats);
  const text = ballotText(poll, `${form.elements.chamber.value}/${at("voter").value.trim()}`, choice, crypto.getRandomValues(new Uint8Array(entropySize)));
  const receipt = await post(`/v1/polls/${d.id}/ballots`, castText(text, await sign(message("ballot", text))));
  show(receipt);
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
