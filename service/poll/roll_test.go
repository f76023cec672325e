package poll

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"kleroterion/service/identity"
	"kleroterion/service/voting"
)

// refOf names a file as the roll of a chamber with as many electors as it has lines.
func refOf(chamber, file string) RollRef {
	return RollRef{Chamber: chamber, Electors: int64(strings.Count(file, "\n")), File: FileOf([]byte(file))}
}

func TestRollsAreReadAsTheyWereWritten(t *testing.T) {
	h := newWorld(t, ModeOpen).open(t)
	for i, ref := range h.m.Rolls {
		lines, err := Electors(h.files[i])
		if err != nil {
			t.Fatal(err)
		}
		if int64(len(lines)) != ref.Electors {
			t.Errorf("%s: %d lines for %d electors", ref.Chamber, len(lines), ref.Electors)
		}
		again, err := WriteRoll(lines)
		if err != nil || !bytes.Equal(again, h.files[i]) {
			t.Errorf("%s: written again as\n%s%v", ref.Chamber, again, err)
		}
	}
	if got := string(h.files[1]); !strings.Contains(got, `{"voter":"jury/2"}`+"\n") {
		t.Errorf("the seat without a key is not listed by itself:\n%s", got)
	}
	if n := len(h.roll(t).electors); n != 6 {
		t.Errorf("%d electors were read, want 6", n)
	}
}

func TestElevenSeatsStandInTheOrderOfTheirNumbers(t *testing.T) {
	key := person("seat").key()
	lines := []Line{{&key, SeatVoter(2)}, {nil, SeatVoter(9)}, {&key, SeatVoter(10)}, {nil, SeatVoter(11)}}
	file, err := WriteRoll(lines)
	if err != nil {
		t.Fatal(err)
	}
	if err := new(Roll).ReadRoll(refOf(voting.Jury, string(file)), bytes.NewReader(file)); err != nil {
		t.Error(err)
	}
	got, err := Electors(file)
	if diff := cmp.Diff(lines, got); err != nil || diff != "" {
		t.Errorf("%v, read back (-want +got):\n%s", err, diff)
	}
}

func lineOf(t *testing.T, voter string, key *identity.Key) string {
	t.Helper()
	file, err := WriteRoll([]Line{{Key: key, Voter: voter}})
	if err != nil {
		t.Fatal(err)
	}
	return string(file)
}

func TestRollsThatAreRefused(t *testing.T) {
	key := person("ada").key()
	one, two := strings.Repeat("1", 64), strings.Repeat("2", 64)
	member := func(id string) string { return lineOf(t, "members/"+id, &key) }
	broken := key
	broken.Public = bytes.Repeat([]byte{0xff}, 32)
	for _, c := range []struct {
		name, chamber, file string
	}{
		{"out of order", voting.Members, member(two) + member(one)},
		{"twice", voting.Members, member(one) + member(one)},
		{"another chamber", voting.Members, lineOf(t, "founders/"+one, &key)},
		{"an id too short", voting.Members, member(one[1:])},
		{"an id in capitals", voting.Members, member(strings.Repeat("A", 64))},
		{"a member without a key", voting.Members, lineOf(t, "members/"+one, nil)},
		{"a founder without a key", voting.Founders, lineOf(t, "founders/"+one, nil)},
		{"a key that is none", voting.Members, lineOf(t, "members/"+one, &broken)},
		{"seat 0", voting.Jury, lineOf(t, "jury/0", nil)},
		{"a seat with a leading zero", voting.Jury, lineOf(t, "jury/07", nil)},
		{"a seat with a sign", voting.Jury, lineOf(t, "jury/+7", nil)},
		{"seats by their text", voting.Jury, lineOf(t, "jury/10", nil) + lineOf(t, "jury/9", nil)},
		{"white space", voting.Members, strings.Replace(member(one), "{", "{ ", 1)},
		{"a carriage return", voting.Members, strings.Replace(member(one), "\n", "\r\n", 1)},
		{"an empty line", voting.Members, member(one) + "\n"},
		{"a member too many", voting.Members, strings.Replace(member(one), `,"voter"`, `,"name":"Ada","voter"`, 1)},
		{"a line without its end", voting.Members, strings.TrimSuffix(member(one), "\n")},
		{"a line too long", voting.Members, strings.Repeat("a", maxLine+1) + "\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			wantRule(t, new(Roll).ReadRoll(refOf(c.chamber, c.file), strings.NewReader(c.file)), RuleRoll)
		})
	}
}

func TestRollsThatAreNotTheManifests(t *testing.T) {
	key := person("ada").key()
	file := lineOf(t, "members/"+strings.Repeat("1", 64), &key)
	for name, change := range map[string]func(*RollRef){
		"more electors": func(r *RollRef) { r.Electors++ },
		"no electors":   func(r *RollRef) { r.Electors-- },
		"another hash":  func(r *RollRef) { r.File.SHA256[5] ^= 1 },
		"another size":  func(r *RollRef) { r.File.Bytes++ },
	} {
		t.Run(name, func(t *testing.T) {
			ref := refOf(voting.Members, file)
			change(&ref)
			wantRule(t, new(Roll).ReadRoll(ref, strings.NewReader(file)), RuleRoll)
		})
	}
}

func TestARollIsReadOnce(t *testing.T) {
	h := newWorld(t, ModeOpen).open(t)
	err := h.roll(t).ReadRoll(h.m.Rolls[0], bytes.NewReader(h.files[0]))
	wantRule(t, err, RuleRoll)
}

func TestNamesOfVoters(t *testing.T) {
	id := strings.Repeat("0", 63) + "a"
	for name, want := range map[string]bool{"members/" + id: true, "founders/" + id: true, "jury/1": true, "jury/12": true,
		"": false, "members/": false, "members/" + id[1:]: false, "guests/" + id: false, "jury/" + id: false, "jury/0": false, "jury/01": false, id: false} {
		if IsVoter(name) != want {
			t.Errorf("IsVoter(%q) is %t", name, !want)
		}
	}
}
