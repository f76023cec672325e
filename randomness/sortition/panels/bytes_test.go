package panels_test

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"testing"

	"kleroterion/randomness/sortition/panels"
	"kleroterion/randomness/sortition/quota"
)

// The same input gives the same bytes on every machine. The digests were made on amd64; a product that
// another processor fuses with a sum, or a function of package math of its own, would change them. They
// change with the search, too: then they are replaced, once the other tests pass.
func TestTheSameBytesOnEveryMachine(t *testing.T) {
	for _, c := range []struct {
		name    string
		method  panels.Method
		address []string
		want    string
	}{
		{"opendlp_monitoring_30", panels.Leximin, nil, "9d21b0bd46743450f52ede73254801733b807dd976b5e364e5001e0c31ab8680"},
		{"syn_m_24", panels.Leximin, nil, "77f8ef83b94ca54e7f6a686c7412d180f1c339dd58858d58bc2ae1d006403f54"},
		{"syn_m_24", panels.Nash, nil, "664b91cfd05980d5bb9f66351b2c69e02ba5b6ebec423ffaa70daf6404b389f4"},
		{"syn_m_24", panels.Goldilocks, nil, "592519993621c645aedd83f199c2b35e0d6bcec956c8c0f91392a912892e1b46"},
		{"syn_m_24", panels.Leximin, []string{"address"}, "cecf8c8bb06c244d4c01200404e5635819d03db4adde5bbdc65e58b19b37607c"},
		{"syn_c_75", panels.Leximin, nil, "15572acbef247467abbc3e8413927ffde95d6e45f92a0e8824ac5d9ae83a1d13"},
		{"syn_n_170", panels.Leximin, nil, "dbdbaa3beec3efb3d0e58f85dcb0c11e5289830254ba81eefbf79c3dccd3f22c"},
	} {
		t.Run(fmt.Sprint(c.name, " ", c.method, c.address), func(t *testing.T) {
			r, _ := solve(t, load(t, "testdata/"+c.name, quota.Columns{Address: c.address}), panels.Options{Method: c.method})
			sum := sha256.Sum256([]byte(marshal(t, r)))
			if got := hex.EncodeToString(sum[:]); got != c.want {
				t.Errorf("digest %s, want %s", got, c.want)
			}
		})
	}
}
