// The page that answers an invitation: makes a key and proves that this browser holds it.

import { canonical } from "./canonical.js";
import { at, busy, offer, post, say } from "./page.js";
import { keep } from "./shelf.js";
import { hasPasskeys, keyFile, message, newFileKey, newPasskey, signWithHandle, signWithPasskey } from "./signing.js";

const form = at("answer");
at("keys").hidden = false;
at("passkey-row").hidden = !hasPasskeys();

form.addEventListener("submit", (event) => {
  const kind = form.elements.key.value;
  if (kind === "none") return; // the form itself answers
  event.preventDefault();
  busy(at("give"), "Your key is being made …", () => answer(kind));
});

async function answer(kind) {
  const { act, id, seat, subject } = form.dataset;
  const voter = `jury/${seat}`;
  const made = kind === "passkey" ? await newPasskey(`Seat ${seat}, ${subject.split("/")[1]}`) : await newFileKey();
  const bytes = message("seat", canonical({ act, id, key: made.key, seat: Number(seat), subject, v: 1 }));
  const proof = kind === "passkey" ? await signWithPasskey(made.credential, bytes) : await signWithHandle(made.handle, bytes);
  if (kind === "file") offer(at("save"), keyFile({ ...made, voter, seats: subject }), "application/octet-stream");
  await post("/v1/invitations/answer", canonical({ act, code: form.elements.code.value, key: made.key, proof }));
  finish(kind);
  await keep({ seats: subject, voter, handle: made.handle, credential: made.credential }).catch(() => say("warn", "This browser keeps no keys: save the file, it is the only copy."));
}

function finish(kind) {
  at("said").replaceChildren();
  form.hidden = at("back").hidden = true;
  at(kind === "file" ? "saved" : "passkey-done").hidden = false;
  at("done").hidden = false;
  at("done").focus();
}
