// Usage: node check.mjs BASE_URL CHAIN_HASH PUBLIC_KEY ROUND...
// Prints what drand's client read and verified, as one JSON object; exits 1 when it refuses anything.
import { fetchBeacon, HttpCachingChain, HttpChainClient, MultiBeaconNode, roundTime } from "drand-client";

const [base, chainHash, publicKey, ...rounds] = process.argv.slice(2);
const options = {
  disableBeaconVerification: false,
  noCache: true,
  chainVerificationParams: { chainHash, publicKey },
};

async function main() {
  const node = new MultiBeaconNode(base, options);
  const chains = await node.chains();
  const chain = new HttpCachingChain(`${base}/${chainHash}`, options);
  const info = await chain.info();
  const client = new HttpChainClient(chain, options);
  const beacons = [];
  for (const round of rounds.map(Number)) {
    const beacon = await fetchBeacon(client, round);
    beacons.push({ round, randomness: beacon.randomness, time: roundTime(info, round) / 1000 });
  }
  const latest = await fetchBeacon(client);
  return {
    chains: chains.map((c) => c.baseUrl.slice(base.length + 1)),
    health: (await node.health()).status,
    scheme: info.schemeID,
    period: info.period,
    beacons,
    latest: latest.round,
  };
}

main().then(
  (read) => console.log(JSON.stringify(read)),
  (err) => {
    console.error(String(err));
    process.exitCode = 1;
  },
);
