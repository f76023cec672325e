// Usage: node check.mjs CHAIN_URL CHAIN_HASH PUBLIC_KEY < request
// The request is {"seal": [{"round", "plaintext"}], "open": [armoured file]} with plaintexts in hexadecimal.
// Prints {"sealed": [armoured file], "opened": [plaintext]}; exits 1 when it refuses anything.
import { readFileSync } from "node:fs";
import tlock from "tlock-js";

console.log = console.error; // the library talks, and stdout is for the answer

const [url, chainHash, publicKey] = process.argv.slice(2);
const options = {
  disableBeaconVerification: false,
  noCache: true,
  chainVerificationParams: { chainHash, publicKey },
};

async function main() {
  const request = JSON.parse(readFileSync(0, "utf8"));
  const chain = new tlock.HttpCachingChain(url, options);
  const client = new tlock.HttpChainClient(chain, options);
  const sealed = [];
  for (const { round, plaintext } of request.seal) {
    sealed.push(await tlock.timelockEncrypt(round, tlock.Buffer.from(plaintext, "hex"), client));
  }
  const opened = [];
  for (const file of request.open) {
    opened.push((await tlock.timelockDecrypt(file, client)).toString("hex"));
  }
  return { sealed, opened };
}

main().then(
  (answer) => process.stdout.write(JSON.stringify(answer)),
  (err) => {
    console.error(String(err));
    process.exitCode = 1;
  },
);
