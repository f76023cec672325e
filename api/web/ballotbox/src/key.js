// The pages that make keys: the answer to an invitation, which proves that this browser holds the key, and
// the page for members, whose attesters get to know the key from them.

import { canonical } from "./canonical.js";
import { at, busy, offer, post, say } from "./page.js";
import { keep, memberShelf } from "./shelf.js";
import { hasPasskeys, keyFile, message, newFileKey, newPasskey, signWithHandle, signWithPasskey } from "./signing.js";

const form = at("answer");
function prepareAnswer() {
  at("keys").hidden = false;
  at("passkey-row").hidden = !hasPasskeys();
  form.addEventListener("submit", (event) => {
    const kind = form.elements.key.value;
    if (kind === "none") return; // the form itself answers
    event.preventDefault();
    busy(at("give"), "Your key is being made …", () => answer(kind));
  });
}

function prepareMaking() {
  at("make").hidden = false;
  at("make").addEventListener("click", () => busy(at("make"), "Your key is being made …", make));
}

async function make() {
  const made = await newFileKey();
  at("public").textContent = made.key.public;
  offer(at("save"), keyFile(made), "application/octet-stream");
  const kept = await shelve({ seats: memberShelf, handle: made.handle });
  at("make").hidden = true;
  finish(kept);
}

// shelve says whether the browser keeps the key; some keep nothing.
const shelve = (key) => keep(key).then(() => true, () => false);

async function answer(kind) {
  const { act, id, seat, subject } = form.dataset;
  const voter = `jury/${seat}`;
  const made = kind === "passkey" ? await newPasskey(`Seat ${seat}, ${subject.split("/")[1]}`) : await newFileKey();
  const bytes = message("seat", canonical({ act, id, key: made.key, seat: Number(seat), subject, v: 1 }));
  const proof = kind === "passkey" ? await signWithPasskey(made.credential, bytes) : await signWithHandle(made.handle, bytes);
  if (kind === "file") offer(at("save"), keyFile({ ...made, voter, seats: subject }), "application/octet-stream");
  await post("/v1/invitations/answer", canonical({ act, code: form.elements.code.value, key: made.key, proof }));
  const kept = await shelve({ seats: subject, voter, handle: made.handle, credential: made.credential });
  form.querySelector("fieldset").hidden = at("give").hidden = at("back").hidden = true;
  at(kind === "file" ? "saved" : "passkey-done").hidden = false;
  finish(kept);
}

// finish comes last: whoever leaves the page then loses nothing.
function finish(kept) {
  at("said").replaceChildren();
  if (!kept) say("warn", "This browser does not remember the key. A key that was made as a file is in that file alone: save it now.");
  at("done").hidden = false;
  at("done").focus();
}

if (form) prepareAnswer();
else prepareMaking();
