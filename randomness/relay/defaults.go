package relay

import "kleroterion/randomness/beacon"

// DefaultRelays lists the public relays of drand's main and test networks, by the projects' own
// documentation of 2026. The api relays are one organisation, whatever their number.
func DefaultRelays() []Relay {
	const labs, cloudflare = "Protocol Labs", "Cloudflare"
	return []Relay{
		{URL: "https://api.drand.sh", Organisation: labs, Serves: beacon.StatusLive},
		{URL: "https://api2.drand.sh", Organisation: labs, Serves: beacon.StatusLive},
		{URL: "https://api3.drand.sh", Organisation: labs, Serves: beacon.StatusLive},
		{URL: "https://drand.cloudflare.com", Organisation: cloudflare, Serves: beacon.StatusLive},
		{URL: "https://api.drand.secureweb3.com:6875", Organisation: "StorSwift", Serves: beacon.StatusLive},
		{URL: "https://pl-us.testnet.drand.sh", Organisation: labs, Serves: beacon.StatusTestnet},
		{URL: "https://pl-eu.testnet.drand.sh", Organisation: labs, Serves: beacon.StatusTestnet},
		{URL: "https://testnet-api.drand.cloudflare.com", Organisation: cloudflare, Serves: beacon.StatusTestnet},
	}
}
