package web

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"kleroterion/randomness/devchain"
	"kleroterion/service/identity"
	"kleroterion/service/poll"
	"kleroterion/service/ratio"
	"kleroterion/service/voting"
)

// TestBallotBox installs what the scripts are built from, as the lock file fixes it.
func TestBallotBox(t *testing.T) {
	t.Parallel()
	box := ballotbox{t, t.TempDir()}
	for _, part := range []string{"src", "test", "check"} {
		must(t, os.CopyFS(filepath.Join(box.dir, part), os.DirFS("ballotbox/"+part)))
	}
	for _, name := range []string{"package.json", "package-lock.json"} {
		text, err := os.ReadFile("ballotbox/" + name)
		must(t, err)
		must(t, os.WriteFile(filepath.Join(box.dir, name), text, 0o600))
	}
	box.run("", "npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline")
	t.Run("its own tests pass", func(t *testing.T) {
		if out := box.run("", "node", "--test"); !bytes.Contains(out, []byte("fail 0")) || bytes.Contains(out, []byte("pass 0")) {
			t.Errorf("node --test: %s", out)
		}
	})
	t.Run("it builds the scripts that are served", box.rebuild)
	t.Run("its ballots are accepted and counted", box.ballots)
	t.Run("its moves and gifts are accepted and matched", box.gifts)
}

type ballotbox struct {
	t   *testing.T
	dir string
}

func (b ballotbox) run(input, name string, args ...string) []byte {
	b.t.Helper()
	vectors, err := filepath.Abs("../../docs/spec/vectors")
	must(b.t, err)
	ctx, cancel := context.WithTimeout(b.t.Context(), 3*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, name, args...)
	var said bytes.Buffer
	cmd.Dir, cmd.Stdin, cmd.Stderr = b.dir, strings.NewReader(input), &said
	cmd.Env = append(os.Environ(), "VECTORS="+filepath.Join(vectors, "timelock.json"), "ROUNDS="+filepath.Join(vectors, "round.json"), "OUT=built")
	out, err := cmd.Output()
	if err != nil {
		b.t.Fatalf("%s %v, which needs node and npm: %v\n%s%s", name, args, err, said.String(), out)
	}
	return out
}

func (b ballotbox) rebuild(t *testing.T) {
	b.t = t
	b.run("", "npm", "run", "build")
	for _, name := range []string{"ballot.js", "give.js", "key.js", "project.js", "round.js"} {
		built, err := os.ReadFile(filepath.Join(b.dir, "built", name))
		must(t, err)
		served, err := files.ReadFile("assets/" + name)
		must(t, err)
		if !bytes.Equal(built, served) {
			t.Errorf("assets/%s is not what ballotbox gives: run npm run build there and commit it", name)
		}
	}
}

// order is one ballot that the box is asked for.
type order struct {
	Poll    map[string]any `json:"poll"`
	Voter   string         `json:"voter"`
	Entered map[string]any `json:"entered"`
}

func (b ballotbox) ballots(t *testing.T) {
	b.t = t
	for _, tt := range []struct {
		rules   voting.Rules
		entered []map[string]any
		want    string // canonical outcome
	}{
		{voting.Rules{Method: voting.YesNo, Threshold: ratio.New(1, 2)}, []map[string]any{{"vote": "yes"}, {"vote": "yes"}, {"vote": "no"}, {"vote": "abstain"}}, `{"passed":true,"reason":"passed"}`},
		{voting.Rules{Method: voting.Approval, Winners: 1}, []map[string]any{{"approve": []string{"b"}}, {"approve": []string{"a", "b"}}, {"approve": []string{}, "blank": true}}, `{"elected":["b"],"reason":"elected"}`},
		{voting.Rules{Method: voting.Score, Winners: 1, MaxScore: 9}, []map[string]any{{"numbers": [][]string{{"a", "9"}, {"b", "0"}, {"c", "1"}}}}, `{"elected":["a"],"reason":"elected"}`},
		{voting.Rules{Method: voting.IRV, Winners: 1}, []map[string]any{{"ranking": []string{"c", "a"}}, {"ranking": []string{"c"}}, {"ranking": []string{"a"}}}, `{"elected":["c"],"reason":"elected"}`},
		{voting.Rules{Method: voting.Schulze, Winners: 1}, []map[string]any{{"ranking": []string{"b", "c", "a"}}}, `{"elected":["b"],"reason":"elected"}`},
		{voting.Rules{Method: voting.Quadratic, Winners: 1, Credits: 9, Negative: true}, []map[string]any{{"credits": 9, "numbers": [][]string{{"a", "-2"}, {"b", "1"}, {"c", "2"}}}}, `{"elected":["c"],"reason":"elected"}`},
	} {
		for _, mode := range []poll.Mode{poll.ModeSealed, poll.ModeOpen} {
			t.Run(fmt.Sprint(tt.rules.Method, " ", mode), func(t *testing.T) {
				if got := b.counted(t, tt.rules, mode, tt.entered); got != tt.want {
					t.Errorf("outcome %s, want %s", got, tt.want)
				}
			})
		}
	}
}

// counted has the box make the ballots of the members of a poll, and counts them as the service does.
func (b ballotbox) counted(t *testing.T, rules voting.Rules, mode poll.Mode, entered []map[string]any) string {
	b.t = t
	network, err := devchain.New(devchain.Options{Period: time.Second, Genesis: 1_800_000_000, Secret: strings.NewReader(strings.Repeat("s", 32)), Now: time.Now})
	must(t, err)
	chain := network.Chain()
	if rules.Method != voting.YesNo {
		rules.Options = []string{"a", "b", "c"}
	}
	rules.Chambers = []voting.Chamber{{ID: voting.Members, Share: ratio.New(1, 1), Electors: int64(len(entered))}}
	m := &poll.Manifest{Mode: mode, Poll: "community/commons/poll/x", Rules: rules, V: 1}
	m.Beacon.Chain, m.Beacon.Round = chain.Hash, 1200
	if mode == poll.ModeSealed {
		m.Size = 256
	}
	hash := poll.HashBytes([]byte(m.Poll))
	var orders []order
	for i, e := range entered {
		e["method"] = rules.Method
		orders = append(orders, order{Voter: fmt.Sprintf("members/%064d", i), Entered: e, Poll: map[string]any{"hash": hash, "mode": mode, "size": m.Size, "round": m.Beacon.Round,
			"chain": map[string]any{"hash": chain.Hash, "key": fmt.Sprintf("%x", chain.PublicKey), "scheme": chain.Scheme}}})
	}
	request, err := json.Marshal(map[string]any{"ballots": orders})
	must(t, err)
	var made struct {
		Ballots []struct {
			Key  identity.Key
			Cast string
		}
	}
	must(t, json.Unmarshal(b.run(string(request), "node", "check/make.mjs"), &made))

	var lines []poll.Line
	var records []poll.Record
	for i, one := range made.Ballots {
		var c poll.Cast
		must(t, json.Unmarshal([]byte(one.Cast), &c))
		if _, err := poll.CheckCast(m, hash, &one.Key, c); err != nil {
			t.Fatalf("ballot %d is refused: %v\n%s", i, err, one.Cast)
		}
		lines = append(lines, poll.Line{Key: &one.Key, Voter: orders[i].Voter})
		records = append(records, poll.Record{N: int64(i + 2), Body: []byte(one.Cast)})
	}
	file, err := poll.WriteRoll(lines)
	must(t, err)
	roll := new(poll.Roll)
	must(t, roll.ReadRoll(poll.RollRef{Chamber: voting.Members, Electors: int64(len(lines)), File: poll.FileOf(file)}, bytes.NewReader(file)))
	counting := poll.NewBox(m, hash, roll)
	must(t, counting.Add(t.Context(), records))
	round, err := network.Sign(m.Beacon.Round)
	must(t, err)
	transcript, err := counting.Count(t.Context(), chain, round, nil)
	must(t, err)
	if n := len(transcript.Count.Invalid); n > 0 {
		t.Errorf("%d ballots are invalid: %+v", n, transcript.Count.Invalid)
	}
	outcome, err := json.Marshal(transcript.Count.Outcome)
	must(t, err)
	return string(outcome)
}
