package web

import (
	"bytes"
	"crypto/ed25519"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"kleroterion/randomness/beacon"
	"kleroterion/service/grants"
	"kleroterion/service/identity"
	"kleroterion/service/poll"
	"kleroterion/service/voting"
)

// giver is a member with a key file.
type giver struct {
	id  string
	key ed25519.PrivateKey
}

func newGiver(n byte) giver {
	return giver{fmt.Sprintf("%064d", n), ed25519.NewKeyFromSeed(bytes.Repeat([]byte{n}, ed25519.SeedSize))}
}

func (g giver) public() identity.Key { return identity.Ed25519Key(g.key.Public().(ed25519.PublicKey)) }

// file is a key file as the pages save one.
func (g giver) file() string {
	return fmt.Sprintf(`{"key":{"alg":"ed25519","public":"%x"},"seed":"%s"}`, g.key.Public(), hex.EncodeToString(g.key.Seed()))
}

// rounds of the vectors are taken over with other people on the roll.
type givenRound struct {
	*grants.Round
	m     *grants.Manifest
	chain *beacon.Chain
	close *beacon.File // of a sealed round
}

func roundOfVectors(t *testing.T, mode poll.Mode, people []giver) givenRound {
	t.Helper()
	var v struct {
		Chain  json.RawMessage
		Rounds []struct {
			Name     string
			Manifest json.RawMessage
			Beacon   *beacon.File
		}
	}
	vectors(t, "round.json", &v)
	var r givenRound
	for _, x := range v.Rounds {
		if x.Name == string(mode) {
			r.m, r.close = new(grants.Manifest), x.Beacon
			must(t, json.Unmarshal(x.Manifest, r.m))
		}
	}
	lines := make([]poll.Line, len(people))
	for i, g := range people {
		key := g.public()
		lines[i] = poll.Line{Key: &key, Voter: poll.MemberVoter(voting.Members, g.id)}
	}
	roll, err := poll.WriteRoll(lines)
	must(t, err)
	r.m.Roll.Electors, r.m.Roll.File, r.m.Jury, r.m.Weights = int64(len(lines)), poll.FileOf(roll), nil, false
	text, err := r.m.Canonical()
	must(t, err)
	r.Round, err = grants.New(text, roll)
	must(t, err)
	r.chain, err = beacon.ParseInfo(v.Chain)
	must(t, err)
	return r
}

// asScript is the round as the page's script has it.
func (r givenRound) asScript() map[string]any {
	out := map[string]any{"hash": r.Door().Hash, "mode": r.m.Mode, "size": r.m.Size}
	if r.close != nil {
		out["opening"] = r.m.Beacon.Round
		out["chain"] = map[string]any{"hash": r.chain.Hash, "key": fmt.Sprintf("%x", r.chain.PublicKey), "scheme": r.chain.Scheme}
	}
	return out
}

// gifts lets the scripts sign a whole round: applications, a change, an appeal, a withdrawal and gifts, which
// this side takes, opens and matches.
func (b ballotbox) gifts(t *testing.T) {
	b.t = t
	people := []giver{newGiver(1), newGiver(2), newGiver(3), newGiver(4)}
	for _, mode := range []poll.Mode{poll.ModeOpen, poll.ModeSealed} {
		t.Run(string(mode), func(t *testing.T) {
			b.t = t
			r := roundOfVectors(t, mode, people)
			var moves []map[string]any
			sign := func(g giver, seq int, text string, move map[string]any) {
				moves = append(moves, map[string]any{"file": g.file(), "seq": seq, "text": text, "move": move})
			}
			sign(people[0], 1, "Why:\n\"a\" <b> é \U0001f333\thttps://example.org", map[string]any{"act": "apply", "owner": people[0].id, "project": "mill", "title": "The “mill” \u2028 \\ /", "account": "DE02"})
			sign(people[0], 2, "Better.", map[string]any{"act": "change", "owner": people[0].id, "project": "mill", "title": "The mill"})
			sign(people[1], 1, "Why.", map[string]any{"act": "apply", "owner": people[1].id, "project": "weir", "title": "The weir"})
			sign(people[1], 3, "Look again.", map[string]any{"act": "appeal", "project": "weir"})
			sign(people[1], 5, "", map[string]any{"act": "withdraw", "project": "weir"})
			for i, gift := range [][2]string{{"mill", "1250"}, {"mill", "1"}, {"weir", "9999999999999999999999999999"}} {
				moves = append(moves, map[string]any{"file": people[i+1].file(), "gift": map[string]any{"project": gift[0], "amount": gift[1], "donor": "members/" + people[i+1].id}})
			}
			moves[7]["file"], moves[7]["gift"].(map[string]any)["donor"] = people[0].file(), "members/"+people[0].id
			b.matched(r, b.made(r, moves))
		})
	}
}

func (b ballotbox) made(r givenRound, signs []map[string]any) []string {
	b.t.Helper()
	for _, s := range signs {
		if s["text"] == "" {
			delete(s, "text")
		}
	}
	request, err := json.Marshal(map[string]any{"round": r.asScript(), "signs": signs})
	must(b.t, err)
	var made struct{ Made []string }
	must(b.t, json.Unmarshal(b.run(string(request), "node", "check/round.mjs"), &made))
	return made.Made
}

// matched replays what was signed, as the service would record it.
func (b ballotbox) matched(r givenRound, made []string) {
	b.t.Helper()
	at := r.m.Opens
	owned := func(i int) {
		b.t.Helper()
		mv := grants.Move{At: at}
		must(b.t, json.Unmarshal([]byte(made[i]), &mv))
		must(b.t, r.ApplyMove(mv))
	}
	review := func(act grants.Act, project, who string, ground grants.Ground) {
		b.t.Helper()
		mv := grants.Move{Act: act, At: at, Project: project, Reviewer: who, Ground: ground}
		if ground != "" {
			text := poll.FileOf([]byte("no"))
			mv.Text = &text
		}
		must(b.t, r.ApplyMove(mv))
	}
	owned(0)
	owned(1)
	owned(2)
	review(grants.Reject, "weir", "rita", grants.Scope)
	owned(3)
	review(grants.Approve, "weir", "saul", "")
	review(grants.Approve, "mill", "rita", "")
	at = r.m.GiftsStart
	for n, text := range made[5:] {
		g := grants.GiftAdd{At: at}
		must(b.t, json.Unmarshal([]byte(text), &g))
		if sealed := strings.Contains(text, "mill") || strings.Contains(text, "weir"); sealed == (r.close != nil) {
			b.t.Errorf("gift %d of a round that is %s: %s", n, r.m.Mode, text)
		}
		must(b.t, r.ApplyGift(int64(n+2), g))
	}
	owned(4)
	must(b.t, r.ApplyClose(grants.Close{At: r.m.GiftsEnd, Gifts: 3}))
	if r.close != nil {
		must(b.t, r.Open(b.t.Context(), r.chain, r.close.Beacon, nil))
	}
	v, err := r.Compute(nil, nil)
	must(b.t, err)
	if len(v.File.Projects) != 1 || v.File.Projects[0].Sum.String() != "1251" || v.File.Projects[0].Donors != 2 {
		b.t.Errorf("matched: %+v", v.File.Projects)
	}
	if broken := v.File.Invalid; len(broken) > 1 || len(broken) == 1 && broken[0].Rule != grants.RuleNotApproved {
		b.t.Errorf("invalid: %+v", broken)
	}
}
