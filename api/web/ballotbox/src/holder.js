// The part of a page where a person says with which key they sign.

import { at } from "./page.js";
import { find, memberShelf } from "./shelf.js";
import { hasPasskeys, readKeyFile, signWithHandle, signWithPasskey } from "./signing.js";

// keptKey is the key of these seats that this browser keeps, or else a member's.
export const keptKey = async (seats) => (seats ? await find(seats) : undefined) ?? find(memberShelf);

// offerKeys shows which keys there are to choose from, and calls known with what the chosen one knows of its
// holder. taken says that the person was quicker.
export function offerKeys(seats, taken, known) {
  at("passkey-row").hidden = !hasPasskeys();
  const show = (kept) => {
    if (!kept) return;
    at("kept-row").hidden = false;
    if (taken() || at("file").files.length > 0) return;
    at("key-kept").checked = true;
    known(kept);
  };
  keptKey(seats).then(show, () => {}); // a browser that keeps no keys has none to offer
}

// fromFile reads the file that the person chose, and takes it for their choice.
export async function fromFile() {
  const [file] = at("file").files;
  if (!file) throw new Error("Choose your key file first.");
  const read = await readKeyFile(await file.text());
  at("key-file").checked = true;
  return read;
}

// signer returns what signs with the key of this kind.
export async function signer(kind, seats) {
  if (kind === "file") {
    const { handle } = await fromFile();
    return (bytes) => signWithHandle(handle, bytes);
  }
  const kept = kind === "kept" ? await keptKey(seats) : {};
  return kept.handle ? (bytes) => signWithHandle(kept.handle, bytes) : (bytes) => signWithPasskey(kept.credential, bytes);
}
