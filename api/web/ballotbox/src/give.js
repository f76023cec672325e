// The page for giving: seals where the round is sealed, signs, keeps what was signed and sends it. Nothing
// but the signed gift leaves the browser, and in an open round the question what it would change.

import { assetOf, change, minorUnits, money } from "./amounts.js";
import { giftBody, giftText, newNonce } from "./gift.js";
import { fromFile, offerKeys, signer } from "./holder.js";
import { at, busy, offer, post } from "./page.js";
import { forgetGift, giftsOf, keepGift } from "./shelf.js";
import { message } from "./signing.js";
import { entropySize } from "./timelock.js";

const form = at("gift");
const shelf = at("shelf");
const asset = assetOf(shelf.dataset);
let unsent; // what was signed and has no receipt yet: the same press of the button sends the same again

function prepare() {
  form.hidden = false;
  form.addEventListener("input", look);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    busy(at("send"), form.dataset.mode === "open" ? "Your gift is being signed …" : "Your gift is being sealed and signed …", give);
  });
  at("file").addEventListener("change", () => busy(at("send"), "Reading the file …", useFile));
  offerKeys("", () => at("donor").value, fill);
  look();
}

async function useFile() {
  const file = await fromFile();
  at("said").replaceChildren();
  fill(file);
}

// fill enters who gives, where the key knows.
function fill({ voter }) {
  const [chamber, name] = (voter ?? "").split("/");
  if (name && chamber === "members") at("donor").value = name;
}

const chosen = () => at("project").selectedOptions[0]?.textContent;

// look says how the amount is read, and asks what it would change.
let asked = 0;
function look() {
  const turn = ++asked;
  at("what").replaceChildren();
  if (!at("amount").value) return;
  let amount;
  try {
    amount = minorUnits(at("amount").value, asset);
    at("reads").textContent = `You give ${money(amount, asset)}.`;
  } catch (error) {
    at("reads").textContent = error.message;
    return;
  }
  if (form.dataset.live && at("project").value) setTimeout(() => turn === asked && tell(turn, amount), 300);
}

async function tell(turn, amount) {
  const query = new URLSearchParams({ project: at("project").value, amount });
  const donor = at("donor").value.trim();
  if (/^[0-9a-f]{64}$/.test(donor)) query.set("donor", `members/${donor}`);
  const response = await fetch(`/v1/rounds/${form.dataset.id}/estimate/what-if?${query}`).catch(() => undefined);
  const answer = await response?.json().catch(() => ({}));
  if (turn !== asked || !answer) return;
  const line = document.createElement("p");
  line.textContent = response.ok ? effect(answer.items, query.get("project")) : answer.detail ?? "";
  at("what").replaceChildren(line);
}

// effect says what a gift would change, its own project first.
function effect(items, project) {
  const own = items.find((item) => item.project === project);
  const others = items.length - (own ? 1 : 0);
  const first = own ? `Match of this project by it: ${change(own.before, own.after, asset)}, then ${money(own.after, asset)}.` : "It would not change the match of this project.";
  return others ? `${first} It would change that of ${others} ${others === 1 ? "other" : "others"}.` : first;
}

async function give() {
  const d = form.dataset;
  const gift = { amount: minorUnits(at("amount").value, asset), donor: `members/${at("donor").value.trim()}`, project: at("project").value };
  const same = JSON.stringify(gift);
  if (unsent?.same !== same) unsent = { same, kept: await made(d, gift) };
  const { kept } = unsent;
  const receipt = await sent(kept);
  unsent = undefined;
  show(receipt);
}

// made signs a gift and keeps it before it is sent: an answer that gets lost loses nothing.
async function made(d, gift) {
  const round = { hash: d.round, mode: d.mode, size: Number(d.size), opening: Number(d.opening), chain: { hash: d.chain, key: d.key, scheme: d.scheme } };
  const sign = await signer(form.elements.key.value, "");
  const nonce = newNonce();
  const text = giftText(round, { ...gift, nonce }, crypto.getRandomValues(new Uint8Array(entropySize)));
  const kept = { nonce, round: d.round, project: gift.project, title: chosen(), amount: gift.amount, body: giftBody(text, await sign(message("gift", text))) };
  await keepGift(kept).catch(() => {}); // a browser that keeps nothing still sends
  return kept;
}

// sent sends what is kept. What the server has refused for good is forgotten.
async function sent(kept) {
  try {
    const receipt = await post(`/v1/rounds/${shelf.dataset.id}/gifts`, kept.body);
    await keepGift({ ...kept, receipt }).catch(() => {});
    return receipt;
  } catch (error) {
    if (error.status >= 400 && error.status < 500 && error.status !== 408 && error.status !== 429) {
      if (unsent?.kept === kept) unsent = undefined;
      if (!kept.receipt) await forgetGift(kept.nonce).catch(() => {});
    }
    throw error;
  } finally {
    await list();
  }
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

// list shows what this browser keeps of the round.
async function list() {
  const kept = await giftsOf(shelf.dataset.round).catch(() => []);
  shelf.hidden = kept.length === 0;
  at("gifts").replaceChildren(...kept.map(card));
}

function card(kept) {
  const item = document.createElement("li");
  const line = item.appendChild(document.createElement("p"));
  line.textContent = `${money(kept.amount, asset)} for ${kept.title}: ${kept.receipt ? `gift ${kept.receipt.n}, recorded` : "signed, and no receipt came"}`;
  if (kept.receipt) {
    const save = item.appendChild(document.createElement("a"));
    save.textContent = "Save the receipt";
    save.download = `receipt-${kept.receipt.n}.json`;
    offer(save, `${JSON.stringify(kept.receipt)}\n`, "application/json");
    item.append(" ");
  }
  press(item, "Send again", "It is sent again. What was recorded is not recorded twice …", () => sent(kept).then((r) => (at("again").textContent = `Gift ${r.n} is recorded, once.`)));
  press(item, "Forget", "", () => forgetGift(kept.nonce).then(list));
  return item;
}

function press(item, name, doing, work) {
  const button = item.appendChild(document.createElement("button"));
  button.type = "button";
  button.className = "plain";
  button.textContent = name;
  button.addEventListener("click", async () => {
    button.disabled = true;
    at("again").textContent = doing;
    await work().catch((error) => (at("again").textContent = error.message));
    button.disabled = false;
  });
}

if (form) prepare();
list();
