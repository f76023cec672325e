package panels_test

import (
	"crypto/sha256"
	"encoding/hex"
	"testing"

	"kleroterion/randomness/sortition/panels"
	"kleroterion/randomness/sortition/quota"
)

// The same input gives the same bytes on every machine. The digests were made on amd64; a product that
// another processor fuses with a sum, or a function of package math of its own, would change them. They
// change with the search, too: then they are replaced, once the other tests pass.
func TestTheSameBytesOnEveryMachine(t *testing.T) {
	for _, c := range []struct {
		name   string
		method panels.Method
		want   string
	}{
		{"opendlp_monitoring_30", panels.Leximin, "f1919b88b441caaedf1d3ebc0367ae96982754d03701a8c97aba986fa2d95938"},
		{"syn_m_24", panels.Leximin, "cc9232252b23cc59888407cb156af75e2dda44a945abc3968938ccabfb53d425"},
		{"syn_m_24", panels.Nash, "ef16b15ecf3539bb24d3288bce8b5b80ce07f8cf6e5bf15e385f24984f4df580"},
		{"syn_m_24", panels.Goldilocks, "c0edaac20dfe72e0169ecbe82652a0ba482fe3322fb0a3c28699281f04ac23b9"},
		{"syn_c_75", panels.Leximin, "7d9dda070e0b822ff28a5d6d7875bd5f077070c6e7ebb43c50ec331c0cbbc025"},
		{"syn_n_170", panels.Leximin, "8dba8bd636bf8734bf184a9ef6d6a8364e51ab9fcbd4fc49a97090d1dec73629"},
	} {
		t.Run(c.name+" "+string(c.method), func(t *testing.T) {
			r, _ := solve(t, load(t, "testdata/"+c.name, quota.Columns{}), panels.Options{Method: c.method})
			sum := sha256.Sum256([]byte(marshal(t, r)))
			if got := hex.EncodeToString(sum[:]); got != c.want {
				t.Errorf("digest %s, want %s", got, c.want)
			}
		})
	}
}
