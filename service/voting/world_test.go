package voting_test

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"testing"

	"kleroterion/service/ratio"
	"kleroterion/service/voting"
)

var keys = voting.NewTieKeys(sha256.Sum256([]byte("poll")), []byte("signature"))

func frac(t testing.TB, s string) ratio.Ratio {
	t.Helper()
	r, err := ratio.Parse(s)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func fracp(t testing.TB, s string) *ratio.Ratio { r := frac(t, s); return &r }

// voter names the n-th voter of a chamber.
func voter(chamber string, n int) string {
	if chamber == voting.Jury {
		return fmt.Sprintf("jury/%d", n+1)
	}
	h := sha256.Sum256([]byte(fmt.Sprint(chamber, n)))
	return chamber + "/" + hex.EncodeToString(h[:])
}

// box fills a ballot box under one set of rules.
type box struct {
	t       testing.TB
	rules   *voting.Rules
	ballots []voting.Ballot
	size    map[string]int
}

func newBox(t testing.TB, r *voting.Rules) *box {
	t.Helper()
	if err := r.Check(); err != nil {
		t.Fatal(err)
	}
	return &box{t: t, rules: r, size: map[string]int{}}
}

// add casts the same choice for n further voters of a chamber.
func (b *box) add(chamber string, n int, choice string) *box {
	b.t.Helper()
	c, err := voting.ParseChoice(b.rules, []byte(choice))
	if err != nil {
		b.t.Fatalf("%s: %v", choice, err)
	}
	for range n {
		b.ballots = append(b.ballots, voting.Ballot{Chamber: chamber, Voter: voter(chamber, b.size[chamber]), N: int64(len(b.ballots) + 1), Choice: c})
		b.size[chamber]++
	}
	return b
}

func (b *box) tally() voting.Result {
	b.t.Helper()
	res, err := voting.Tally(b.rules, b.ballots, keys)
	if err != nil {
		b.t.Fatal(err)
	}
	return res
}

// twoChambers are the rules of the worked numbers: members 4/5, jury 1/5, the jury thin below a half.
func twoChambers(t testing.TB, m voting.Method, members, jurors int64) *voting.Rules {
	r := &voting.Rules{Method: m, Threshold: frac(t, "0/1"), Chambers: []voting.Chamber{
		{ID: voting.Members, Share: frac(t, "4/5"), Electors: members},
		{ID: voting.Jury, Share: frac(t, "1/5"), Electors: jurors, Thin: voting.Scale, Quorum: &voting.Quorum{Kind: voting.OfTurnout, Min: frac(t, "1/2")}},
	}}
	switch m {
	case voting.YesNo:
		r.Threshold = frac(t, "1/2")
		return r
	case voting.Score:
		r.MaxScore = 5
	case voting.Quadratic:
		r.Credits, r.Negative = 25, true
	}
	r.Options, r.Winners = []string{"a", "b", "c"}, 1
	return r
}
