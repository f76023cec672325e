// Keys of docs/spec/identity.md: what they are, and how they sign.

import { digest, fromHex, hex, join, utf8 } from "./bytes.js";
import { canonical } from "./canonical.js";

// The PKCS #8 form of an Ed25519 key is this and its 32 bytes (RFC 8410).
const pkcs8 = fromHex("302e020100300506032b657004220420");

// message is what is signed of a canonical text: thing is "ballot" or "seat".
export const message = (thing, text) => utf8(`kleroterion/${thing}/v1\n${text}`);

// newFileKey makes an Ed25519 key. secret, 64 hexadecimal digits, is for the file alone.
export async function newFileKey() {
  const pair = await crypto.subtle.generateKey("Ed25519", true, ["sign", "verify"]);
  const secret = hex(new Uint8Array(await crypto.subtle.exportKey("pkcs8", pair.privateKey)).slice(-32));
  const key = { alg: "ed25519", public: hex(new Uint8Array(await crypto.subtle.exportKey("raw", pair.publicKey))) };
  return { key, secret, handle: await handleOf(secret) };
}

// handleOf gives what signs and cannot be read out again.
export const handleOf = (secret) => crypto.subtle.importKey("pkcs8", join(pkcs8, fromHex(secret)), "Ed25519", false, ["sign"]);

export async function signWithHandle(handle, bytes) {
  return { signature: hex(new Uint8Array(await crypto.subtle.sign("Ed25519", handle, bytes))) };
}

// keyFile is the text of a key file (docs/spec/identity.md). voter and seats say what it is for, where that
// is known.
export const keyFile = ({ key, secret, voter, seats }) => `${canonical({ key, seats, seed: secret, voter })}\n`;

// readKeyFile refuses what is no key file, in words for the person who chose it.
export async function readKeyFile(text) {
  let file;
  try {
    file = JSON.parse(text);
  } catch {
    throw new Error("This is no key file: it was changed, or it is another file.");
  }
  if (file?.key?.alg !== "ed25519" || !/^[0-9a-f]{64}$/.test(file.seed)) throw new Error("This is no key file that this page can read.");
  return { voter: file.voter, seats: file.seats, handle: await handleOf(file.seed) };
}

// hasPasskeys says whether this page may ask for one: its address needs a name and not a number.
export function hasPasskeys() {
  return typeof PublicKeyCredential === "function" && isSecureContext && /[a-z]$/.test(location.hostname);
}

// newPasskey has the phone or computer make a key for this site.
export async function newPasskey(label) {
  const made = await navigator.credentials.create({
    publicKey: {
      challenge: crypto.getRandomValues(new Uint8Array(32)),
      rp: { id: location.hostname, name: "kleroterion" },
      user: { id: crypto.getRandomValues(new Uint8Array(16)), name: label, displayName: label },
      pubKeyCredParams: [{ type: "public-key", alg: -7 }],
      authenticatorSelection: { residentKey: "preferred", userVerification: "preferred" },
    },
  });
  const point = new Uint8Array(made.response.getPublicKey()).slice(-65); // the end of its SubjectPublicKeyInfo
  return { key: { alg: "webauthn", public: hex(point), rp: location.hostname }, credential: new Uint8Array(made.rawId) };
}

// signWithPasskey asks for a passkey of this site; credential names which, where that is known.
export async function signWithPasskey(credential, bytes) {
  const { response } = await navigator.credentials.get({
    publicKey: {
      challenge: await digest(bytes),
      rpId: location.hostname,
      allowCredentials: credential ? [{ type: "public-key", id: credential }] : [],
      userVerification: "preferred",
    },
  });
  const text = (buffer) => hex(new Uint8Array(buffer));
  return { authenticator_data: text(response.authenticatorData), client_data: text(response.clientDataJSON), signature: text(response.signature) };
}
