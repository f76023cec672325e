package beacon

import (
	"fmt"
	"sync"
)

// constants are the public facts of one drand network, in the words of its own info document.
type constants struct {
	name, hash, key string
	scheme          Scheme
	period, genesis int64
	seed, id        string
	status          Status
}

// Pinned returns the networks of drand whose constants are compiled in: default, quicknet and evmnet
// (live), fastnet (retired), and the testnets.
func Pinned() Chains { return pinned() }

var pinned = sync.OnceValue(func() Chains {
	var cs Chains
	for _, k := range networks() {
		c, err := k.chain()
		if err != nil {
			// Only a wrong constant below can lead here; nothing may run with one.
			panic(fmt.Sprintf("pinned %v", err))
		}
		cs.list = append(cs.list, c)
	}
	return cs
})

func (k constants) chain() (*Chain, error) {
	hash, err := ParseHash(k.hash)
	if err != nil {
		return nil, err
	}
	key, err := decodeHex(k.key)
	if err != nil {
		return nil, err
	}
	seed, err := ParseHash(k.seed)
	if err != nil {
		return nil, err
	}
	c := &Chain{Name: k.name, Hash: hash, Scheme: k.scheme, PublicKey: key, Period: k.period,
		Genesis: k.genesis, GenesisSeed: seed, ID: k.id, Status: k.status}
	check, err := c.validate()
	if err != nil {
		return nil, err
	}
	return c.with(check), nil
}

func networks() []constants {
	return []constants{
		{
			name: "default", status: StatusLive, scheme: SchemeChained, id: "default",
			period: 30, genesis: 1595431050,
			hash: "8990e7a9aaed2ffed73dbd7092123d6f289930540d7651336225dc172e51b2ce",
			seed: "176f93498eac9ca337150b46d21dd58673ea4e3581185f869672e59fa4cb390a",
			key:  "868f005eb8e6e4ca0a47c8a77ceaa5309a47978a7c71bc5cce96366b5d7a569937c529eeda66c7293784a9402801af31",
		},
		{
			name: "quicknet", status: StatusLive, scheme: SchemeG1RFC9380, id: "quicknet",
			period: 3, genesis: 1692803367,
			hash: "52db9ba70e0cc0f6eaf7803dd07447a1f5477735fd3f661792ba94600c84e971",
			seed: "f477d5c89f21a17c863a7f937c6a6d15859414d2be09cd448d4279af331c5d3e",
			key: "83cf0f2896adee7eb8b5f01fcad3912212c437e0073e911fb90022d3e760183c8c4b450b6a0a6c3ac6a5776a2d106451" +
				"0d1fec758c921cc22b0e17e63aaf4bcb5ed66304de9cf809bd274ca73bab4af5a6e9c76a4bc09e76eae8991ef5ece45a",
		},
		{
			name: "evmnet", status: StatusLive, scheme: SchemeBN254, id: "evmnet",
			period: 3, genesis: 1727521075,
			hash: "04f1e9062b8a81f848fded9c12306733282b2727ecced50032187751166ec8c3",
			seed: "cd7ad2f0e0cce5d8c288f2dd016ffe7bc8dc88dbb229b3da2b6ad736490dfed6",
			key: "07e1d1d335df83fa98462005690372c643340060d205306a9aa8106b6bd0b3820557ec32c2ad488e4d4f6008f89a346f" +
				"18492092ccc0d594610de2732c8b808f0095685ae3a85ba243747b1b2f426049010f6b73a0cf1d389351d5aaaa1047f6" +
				"297d3a4f9749b33eb2d904c9d9ebf17224150ddd7abd7567a9bec6c74480ee0b",
		},
		{
			name: "fastnet", status: StatusRetired, scheme: SchemeUnchainedG1, id: "fastnet",
			period: 3, genesis: 1677685200,
			hash: "dbd506d6ef76e5f386f41c651dcb808c5bcbd75471cc4eafa3f4df7ad4e4c493",
			seed: "a81e9d63f614ccdb144b8ff79fbd4d5a2d22055c0bfe4ee9a8092003dab1c6c0",
			key: "a0b862a7527fee3a731bcb59280ab6abd62d5c0b6ea03dc4ddf6612fdfc9d01f01c31542541771903475eb1ec6615f8d" +
				"0df0b8b6dce385811d6dcf8cbefb8759e5e616a3dfd054c928940766d9a5b9db91e3b697e5d70a975181e007f87fca5e",
		},
		{
			name: "testnet-default", status: StatusTestnet, scheme: SchemeChained, id: "default",
			period: 25, genesis: 1590445175,
			hash: "84b2234fb34e835dccd048255d7ad3194b81af7d978c3bf157e3469592ae4e02",
			seed: "4dd408e5fdff9323c76a9b6f087ba8fdc5a6da907bd9217d9d10f2287d081957",
			key:  "922a2e93828ff83345bae533f5172669a26c02dc76d6bf59c80892e12ab1455c229211886f35bb56af6d5bea981024df",
		},
		{
			name: "quicknet-t", status: StatusTestnet, scheme: SchemeG1RFC9380, id: "quicknet-t",
			period: 3, genesis: 1689232296,
			hash: "cc9c398442737cbd141526600919edd69f1d6f9b4adb67e4d912fbc64341a9a5",
			seed: "40d49d910472d4adb1d67f65db8332f11b4284eecf05c05c5eacd5eef7d40e2d",
			key: "b15b65b46fb29104f6a4b5d1e11a8da6344463973d423661bb0804846a0ecd1ef93c25057f1c0baab2ac53e56c662b66" +
				"072f6d84ee791a3382bfb055afab1e6a375538d8ffc451104ac971d2dc9b168e2d3246b0be2015969cbaac298f6502da",
		},
		{
			name: "testnet-unchained-3s", status: StatusTestnet, scheme: SchemeUnchained, id: "testnet-unchained-3s",
			period: 3, genesis: 1651677099,
			hash: "7672797f548f3f4748ac4bf3352fc6c6b6468c9ad40ad456a397545c6e2df5bf",
			seed: "65083634d852ae169e21b6ce5f0410be9ed4cc679b9970236f7875cff667e13d",
			key:  "8200fc249deb0148eb918d6e213980c5d01acd7fc251900d9260136da3b54836ce125172399ddc69c4e3e11429b62c11",
		},
	}
}
