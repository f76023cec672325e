package charter

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"kleroterion/service/identity"
)

func TestTransitions(t *testing.T) {
	states := map[string]Member{
		"unknown":   {},
		"active":    {State: StateActive, Seq: 3, AdmittedAt: 1000},
		"suspended": {State: StateSuspended, Seq: 3, AdmittedAt: 1000},
		"left":      {State: StateLeft, Seq: 3, AdmittedAt: 1000, LeftAt: 5000},
		"long gone": {State: StateLeft, Seq: 3, AdmittedAt: 1000, LeftAt: 5000},
	}
	want := map[string]State{
		"unknown admit": StateActive, "long gone admit": StateActive,
		"active rekey": StateActive, "suspended rekey": StateSuspended, "active rotate": StateActive,
		"active suspend": StateSuspended, "suspended restore": StateActive,
		"active leave": StateLeft, "suspended leave": StateLeft,
	}
	c := small()
	for name, m := range states {
		for _, a := range []identity.Action{identity.ActionAdmit, identity.ActionRekey, identity.ActionRotate,
			identity.ActionSuspend, identity.ActionRestore, identity.ActionLeave} {
			t.Run(name+" "+string(a), func(t *testing.T) {
				at := int64(5000 + coolOff - 1)
				if name == "long gone" {
					at++
				}
				if name != "unknown" {
					m.ID, m.Key = secret("m").id(), secret("m-1").key()
				}
				got, err := c.Next(m, next(m, a, at), false)
				if to, ok := want[name+" "+string(a)]; ok != (err == nil) || got.State != to {
					t.Errorf("%+v, %v, want %q", got, err, to)
				}
				if err != nil && told(err)[0][:len(ruleState)] != ruleState {
					t.Error(err)
				}
			})
		}
	}
}

// next is a well signed statement of this action that follows m.
func next(m Member, a identity.Action, at int64) Move {
	key := secret("")
	if a.WithKey() {
		key = "m-2"
	}
	by := secret("city")
	if a.Own() {
		by = "m-1"
	}
	return signed(at, about(a, "m", m.Seq+1, key), by)
}

func TestARehearsalDoesNotWait(t *testing.T) {
	m := Member{ID: secret("m").id(), State: StateLeft, Seq: 3, Key: secret("m-1").key(), AdmittedAt: 1000, LeftAt: 5000}
	got, err := small().Next(m, next(m, identity.ActionAdmit, 5000), true)
	want := Member{ID: m.ID, State: StateActive, Seq: 4, Key: secret("m-2").key(), AdmittedAt: 5000}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
}

// village is a community of ada, bo, m0, m1 and m2, of whom m2 has left.
func village() (*Members, []Move) {
	ms, c := NewMembers(), small()
	var moves []Move
	for i, who := range []secret{"ada", "bo", "m0", "m1", "m2"} {
		moves = append(moves, signed(1000+int64(i), about(identity.ActionAdmit, who, 1, who+"-1"), "city"))
	}
	moves = append(moves, signed(1010, about(identity.ActionLeave, "m2", 2, ""), "m2-1"))
	for _, mv := range moves {
		if err := ms.Apply(c, mv, true); err != nil {
			panic(err)
		}
	}
	return ms, moves
}

var whole = cmp.AllowUnexported(Members{}, row{}, admissions{})

func TestMovesRefused(t *testing.T) {
	admit := func(who, key secret) identity.Statement { return about(identity.ActionAdmit, who, 1, key) }
	leave := signed(1020, about(identity.ActionLeave, "m0", 2, ""), "m0-1")
	elsewhere := admit("m9", "m9")
	elsewhere.Community = "elsewhere"
	changed := signed(1020, admit("m9", "m9"), "city")
	changed.Statement.Member = secret("m8").id()
	stranger := signed(1020, admit("m9", "m9"), "mallory")
	renamed := stranger
	renamed.Attestations = []identity.Attestation{{Attester: "city", Signature: stranger.Attestations[0].Signature}}
	both := signed(1020, admit("m9", "m9"), "city")
	both.Signature = leave.Signature
	none := signed(1020, admit("m9", "m9"), "city")
	none.Attestations = nil
	for name, c := range map[string]struct {
		mv   Move
		want string
	}{
		"another community":                     {signed(1020, elsewhere, "city"), "community /statement/community"},
		"a statement used again":                {signed(1020, admit("m0", "m0-1"), "city"), "member_seq /statement/seq"},
		"a statement too early":                 {signed(1020, about(identity.ActionLeave, "m0", 3, ""), "m0-1"), "member_seq /statement/seq"},
		"a member already":                      {signed(1020, about(identity.ActionAdmit, "m0", 2, "m9"), "city"), "member_state /statement/action"},
		"the key of a member":                   {signed(1020, admit("m9", "m0-1"), "city"), "key_taken /statement/key"},
		"the key of a member by rotation":       {signed(1020, about(identity.ActionRotate, "m0", 2, "m1-1"), "m0-1"), "key_taken /statement/key"},
		"the same key again":                    {signed(1020, about(identity.ActionRotate, "m0", 2, "m0-1"), "m0-1"), "member_key /statement/key"},
		"before the last move":                  {signed(1009, admit("m9", "m9"), "city"), "time /at"},
		"a negative time":                       {signed(-1, admit("m9", "m9"), "city"), "time /at"},
		"a rotation that the new key signed":    {signed(1020, about(identity.ActionRotate, "m0", 2, "m0-2"), "m0-2"), "signature /signature"},
		"leave signed by somebody else":         {signed(1020, about(identity.ActionLeave, "m0", 2, ""), "m1-1"), "signature /signature"},
		"a stranger's attestation":              {stranger, "attestations /attestations"},
		"a stranger under an attester's name":   {renamed, "signature /attestations"},
		"another statement than the one signed": {changed, "signature /attestations"},
		"attestations and a member's signature": {both, "move_form /signature"},
		"nobody's signature":                    {none, "move_form /attestations"},
		"a statement of no form":                {Move{At: 1020}, "statement_form /statement"},
		"somebody unknown leaves":               {signed(1020, about(identity.ActionLeave, "m9", 1, ""), "m9"), "member_state /statement/action"},
		"somebody who left is restored":         {signed(1020, about(identity.ActionRestore, "m2", 3, ""), "city"), "member_state /statement/action"},
	} {
		t.Run(name, func(t *testing.T) {
			ms, moves := village()
			err := ms.Apply(small(), c.mv, true)
			if list := told(err); len(list) == 0 || list[0] != c.want {
				t.Errorf("got %v (%v), want %s", list, err, c.want)
			}
			again := NewMembers()
			for _, mv := range moves {
				if err := again.Apply(small(), mv, true); err != nil {
					t.Fatal(err)
				}
			}
			if diff := cmp.Diff(again, ms, whole); diff != "" {
				t.Errorf("a refused move changed something (-want +got):\n%s", diff)
			}
		})
	}
}

// m2 left, m3 took up the key, m2 comes back with another: m3 keeps it.
func TestAKeyThatWasGivenUpIsFree(t *testing.T) {
	ms, _ := village()
	c := small()
	for _, mv := range []Move{
		signed(1020, about(identity.ActionAdmit, "m3", 1, "m2-1"), "city"),
		signed(1021, about(identity.ActionAdmit, "m2", 3, "m2-2"), "city"),
	} {
		if err := ms.Apply(c, mv, true); err != nil {
			t.Fatal(err)
		}
	}
	err := ms.Apply(c, signed(1022, about(identity.ActionRekey, "m2", 4, "m2-1"), "city"), true)
	if list := told(err); len(list) != 1 || list[0] != "key_taken /statement/key" {
		t.Errorf("got %v", err)
	}
}

func TestRollsAreOfActiveMembersById(t *testing.T) {
	ms, _ := village()
	c := small()
	if err := ms.Apply(c, signed(1020, about(identity.ActionSuspend, "ada", 2, ""), "city"), true); err != nil {
		t.Fatal(err)
	}
	for chamber, want := range map[string][]secret{ChamberFounders: {"bo"}, ChamberMembers: {"m0", "m1"}, ChamberJury: nil} {
		got := map[string]identity.Key{}
		last := ""
		for _, e := range ms.Roll(c, chamber) {
			if e.Member <= last {
				t.Errorf("%s: %s stands after %s", chamber, e.Member, last)
			}
			last, got[e.Member] = e.Member, e.Key
		}
		keys := map[string]identity.Key{}
		for _, who := range want {
			keys[who.id()] = (who + "-1").key()
		}
		if diff := cmp.Diff(keys, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", chamber, diff)
		}
	}
	if n := ms.ActiveFounders(c); n != 1 {
		t.Errorf("%d active founders, want 1", n)
	}
}

// The order of moves of different people does not matter to who is a member, the order of one person's does.
func TestReplayOrder(t *testing.T) {
	c := small()
	a, b := signed(1000, about(identity.ActionAdmit, "m0", 1, "m0-1"), "city"), signed(1000, about(identity.ActionAdmit, "m1", 1, "m1-1"), "city")
	leave := signed(1000, about(identity.ActionLeave, "m0", 2, ""), "m0-1")
	rolls := map[string]bool{}
	for _, order := range [][]Move{{a, b, leave}, {b, a, leave}, {a, leave, b}} {
		ms := NewMembers()
		for _, mv := range order {
			if err := ms.Apply(c, mv, true); err != nil {
				t.Fatal(err)
			}
		}
		rolls[fmt.Sprint(ms.Roll(c, ChamberMembers))] = true
	}
	if len(rolls) != 1 {
		t.Errorf("%d rolls: %v", len(rolls), rolls)
	}
	if err := NewMembers().Apply(c, leave, true); err == nil {
		t.Error("somebody left before the admission")
	}
}
