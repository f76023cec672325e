// Seals bytes until a drand round: docs/spec/timelock.md, with its names. It asks no network: the key
// of the chain is given.

import { chacha20poly1305 } from "@noble/ciphers/chacha.js";
import { bls12_381 as bls } from "@noble/curves/bls12-381.js";
import { hkdf } from "@noble/hashes/hkdf.js";
import { hmac } from "@noble/hashes/hmac.js";
import { sha256 } from "@noble/hashes/sha2.js";

import { base64Bare, fromHex, join, utf8, xor } from "./bytes.js";

const { Fp12, Fr } = bls.fields;
const G2 = bls.G2.Point;

// tags under which a scheme hashes to G1.
const tags = {
  "bls-unchained-g1-rfc9380": "BLS_SIG_BLS12381G1_XMD:SHA-256_SSWU_RO_NUL_",
  "bls-unchained-on-g1": "BLS_SIG_BLS12381G2_XMD:SHA-256_SSWU_RO_NUL_",
};

export const entropySize = 48;

// seal returns the file. chain is {hash, key, scheme}, hash and key in hexadecimal; entropy are 48
// secret random bytes that are never used again.
export function seal(chain, round, plaintext, entropy) {
  if (entropy.length !== entropySize) throw new Error(`${entropy.length} bytes of entropy, want ${entropySize}`);
  if (!Number.isSafeInteger(round) || round < 1) throw new Error(`${round} is no round`);
  const [M, sigma, nonce] = [0, 16, 32].map((at) => entropy.slice(at, at + 16));
  const body = sealKey(base(chain, round), sigma, M);
  const header = `age-encryption.org/v1\n-> tlock ${round} ${chain.hash}\n${lines(body)}---`;
  const mac = hmac(sha256, hkdf(sha256, M, undefined, utf8("header"), 32), utf8(header));
  const chunk = new Uint8Array(12);
  chunk[11] = 1; // the first chunk, and the last
  const payload = chacha20poly1305(hkdf(sha256, M, nonce, utf8("payload"), 32), chunk).encrypt(plaintext);
  return join(utf8(`${header} ${base64Bare(mac)}\n`), nonce, payload);
}

// base is e(Q, P).
function base(chain, round) {
  const tag = tags[chain.scheme];
  if (!tag) throw new Error(`nothing can be sealed with the scheme ${chain.scheme}`);
  const Q = bls.G1.hashToCurve(sha256(be64(round)), { DST: tag });
  const P = G2.fromBytes(fromHex(chain.key));
  P.assertValidity();
  return bls.pairing(Q, P);
}

function sealKey(gt, sigma, M) {
  const r = H3(sigma, M);
  const U = G2.BASE.multiply(r).toBytes(true);
  const V = xor(sigma, first16("IBE-H2", gtBytes(Fp12.pow(gt, r))));
  return join(U, V, xor(M, first16("IBE-H4", sigma)));
}

const first16 = (tag, bytes) => sha256(join(utf8(tag), bytes)).slice(0, 16);

function H3(sigma, M) {
  const b = sha256(join(utf8("IBE-H3"), sigma, M));
  for (let i = 1; ; i++) {
    const h = sha256(join(Uint8Array.of(i & 255, i >> 8), b));
    h[0] >>= 1;
    const r = h.reduce((n, byte) => (n << 8n) | BigInt(byte), 0n);
    if (r < Fr.ORDER) return r;
  }
}

// gtBytes writes the highest coefficient of the tower first.
function gtBytes(gt) {
  const six = (a) => [a.c2, a.c1, a.c0].flatMap(({ c0, c1 }) => [c1, c0]);
  return join(...[gt.c1, gt.c0].flatMap(six).map((n) => fromHex(n.toString(16).padStart(96, "0"))));
}

function be64(n) {
  const out = new Uint8Array(8);
  new DataView(out.buffer).setBigUint64(0, BigInt(n));
  return out;
}

// lines ends each 64 characters, and what is left, with a line feed.
const lines = (bytes) => base64Bare(bytes).replace(/.{1,64}/g, "$&\n");
