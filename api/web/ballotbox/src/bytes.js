// Bytes and their texts.

const encoder = new TextEncoder();

export const utf8 = (text) => encoder.encode(text);

export const hex = (bytes) => Array.from(bytes, (b) => b.toString(16).padStart(2, "0")).join("");

export function fromHex(text) {
  if (!/^([0-9a-f]{2})*$/.test(text)) throw new Error("not lower-case hexadecimal");
  return Uint8Array.from(text.match(/../g) ?? [], (pair) => parseInt(pair, 16));
}

// base64 is the standard form with padding.
export const base64 = (bytes) => btoa(Array.from(bytes, (b) => String.fromCharCode(b)).join(""));

export const base64Bare = (bytes) => base64(bytes).replace(/=+$/, "");

export function join(...parts) {
  const out = new Uint8Array(parts.reduce((n, p) => n + p.length, 0));
  let at = 0;
  for (const p of parts) {
    out.set(p, at);
    at += p.length;
  }
  return out;
}

export const xor = (a, b) => a.map((byte, i) => byte ^ b[i]);

// digest is SHA-256, by the browser.
export const digest = async (bytes) => new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
