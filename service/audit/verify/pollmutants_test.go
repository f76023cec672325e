package verify

import (
	"bytes"
	"io"
	"slices"
	"strings"
	"testing"

	"kleroterion/service/audit"
	"kleroterion/service/audit/bundle"
	"kleroterion/service/charter"
	"kleroterion/service/identity"
	"kleroterion/service/poll"
	"kleroterion/service/ratio"
)

// mutant is a poll that is false in one way. All else in it is as an honest service would have made it,
// signed by the log.
type mutant struct {
	name  string
	fails []int // the checks that fail by themselves
	says  string
	make  func(c *commune) []byte // from a community ready to be asked
}

// repacked is an honest poll whose bundle was changed.
func repacked(change func(c *commune, p *bundle.PollContents)) func(c *commune) []byte {
	return func(c *commune) []byte {
		c.openPoll(c.question(), nil)
		c.finishPoll()
		p := c.pollContents()
		change(c, &p)
		return packedPoll(c.t, p)
	}
}

// asked is a poll opened with a false manifest or roll, and else held honestly.
func asked(change func(c *commune)) func(c *commune) []byte {
	return func(c *commune) []byte {
		c.openPoll(c.question(), change)
		c.finishPoll()
		return c.packPoll()
	}
}

// before is an honest poll in a community to which something was done first.
func before(do func(c *commune)) func(c *commune) []byte {
	return func(c *commune) []byte {
		do(c)
		c.openPoll(c.question(), nil)
		c.finishPoll()
		return c.packPoll()
	}
}

// voted is an honest poll in which something was done among the ballots.
func voted(do func(c *commune)) func(c *commune) []byte {
	return func(c *commune) []byte {
		c.openPoll(c.question(), nil)
		c.everybody()
		do(c)
		c.closePoll(nil)
		c.count(nil)
		return c.packPoll()
	}
}

// falselyCounted is an honest poll with a false count.
func falselyCounted(change func(*poll.Transcript, *poll.Result)) func(c *commune) []byte {
	return func(c *commune) []byte {
		c.openPoll(c.question(), nil)
		c.everybody()
		c.closePoll(nil)
		c.count(change)
		return c.packPoll()
	}
}

// ended is an honest poll up to the end of voting.
func ended(do func(c *commune)) func(c *commune) []byte {
	return func(c *commune) []byte {
		c.openPoll(c.question(), nil)
		c.everybody()
		do(c)
		return c.packPoll()
	}
}

func content(t fataler, open func() (io.ReadCloser, error)) []byte {
	r, err := open()
	if err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

type fataler interface{ Fatal(...any) }

// rewrite changes the text of a thread, and its digest with it.
func (c *commune) rewrite(p *bundle.PollContents, i int, change func(lines [][]byte) [][]byte) {
	lines := bytes.SplitAfter(content(c.t, p.Threads[i].Open), []byte("\n"))
	p.Threads[i] = threadOf(p.Threads[i].Subject, bytes.Join(change(lines[:len(lines)-1]), nil), p.Threads[i].Proof)
}

func fileMutants() []mutant {
	return []mutant{
		{"a flipped byte in a thread", []int{1, 3}, "threads/0003.jsonl", func(c *commune) []byte {
			b := repacked(func(*commune, *bundle.PollContents) {})(c)
			b[bytes.LastIndex(b, []byte("ballot.cast"))] ^= 1
			return b
		}},
		{"a blob that nothing names", []int{1}, "named by no record", repacked(func(_ *commune, p *bundle.PollContents) {
			p.Blobs = append(p.Blobs, blobOf([]byte("unasked")))
		})},
		{"a foreign log", []int{2}, "not signed by a log of the policy", repacked(func(_ *commune, p *bundle.PollContents) {
			for i := range p.Threads {
				p.Threads[i].Proof = bytes.ReplaceAll(p.Threads[i].Proof, []byte(origin), []byte("log.elsewh/kleroterion"))
			}
		})},
		{"a proof under another checkpoint", []int{2}, "proof 1 stands under another", repacked(func(c *commune, p *bundle.PollContents) {
			c.beat(0)
			p.Threads[1] = c.thread(membersSubject, c.note())
		})},
		{"a ballot left out", []int{3}, "line 7: n is 8 after 6 records", repacked(func(c *commune, p *bundle.PollContents) {
			c.rewrite(p, 3, func(l [][]byte) [][]byte { return slices.Delete(l, 6, 7) })
		})},
		{"a last record left out", []int{3}, "not in the log", repacked(func(c *commune, p *bundle.PollContents) {
			c.rewrite(p, 1, func(l [][]byte) [][]byte { return l[:len(l)-1] })
		})},
		{"a last line without its end", []int{3}, errNoLF.Error(), repacked(func(c *commune, p *bundle.PollContents) {
			c.rewrite(p, 0, func(l [][]byte) [][]byte { l[1] = bytes.TrimSpace(l[1]); return l })
		})},
		{"a line longer than a record", []int{3}, errLongLine.Error(), repacked(func(c *commune, p *bundle.PollContents) {
			c.rewrite(p, 0, func(l [][]byte) [][]byte { return append(l, bytes.Repeat([]byte("x"), maxLine+1)) })
		})},
		{"a thread without records", []int{3}, "no record", repacked(func(c *commune, p *bundle.PollContents) {
			c.rewrite(p, 0, func([][]byte) [][]byte { return nil })
		})},
		{"two members' moves swapped", []int{3}, "n is", repacked(func(c *commune, p *bundle.PollContents) {
			c.rewrite(p, 1, func(l [][]byte) [][]byte { l[3], l[4] = l[4], l[3]; return l })
		})},
		{"seen goes back", []int{3}, "seen goes back", before(func(c *commune) {
			c.edit = func(r *audit.Record) { r.Seen = &audit.Seen{Chain: c.chain.Hash, Beacon: c.sign(3)} }
			c.move(identity.ActionLeave, memberID(20))
		})},
		{"a seen round that nobody signed", []int{3}, "threads/0001.jsonl, line 39: seen", before(func(c *commune) {
			c.edit = func(r *audit.Record) { r.Seen.Signature = c.sign(3).Signature }
			c.move(identity.ActionLeave, memberID(20))
		})},
		{"a round that was seen and is kept quiet", []int{3}, "seen is left out", before(func(c *commune) {
			c.edit = func(r *audit.Record) { r.Seen = nil }
			c.move(identity.ActionLeave, memberID(20))
		})},
		{"a time before a round that was seen", []int{3}, "but the log had seen a round", before(func(c *commune) {
			c.edit = func(r *audit.Record) { r.Seen = &audit.Seen{Chain: c.chain.Hash, Beacon: c.sign(5000)} }
			c.move(identity.ActionLeave, memberID(20))
		})},
	}
}

func communityMutants() []mutant {
	moved := func(mv func(c *commune) charter.Move) func(c *commune) []byte {
		return before(func(c *commune) { c.log(audit.KindMemberMove, membersSubject, audit.MemberMove{Move: mv(c)}) })
	}
	return []mutant{
		{"a charter that no poll adopted", []int{4}, "adopted by no poll", before(func(c *commune) { c.forceCharter(c.nextCharter(), nil) })},
		{"a charter that takes the jury's weight", []int{4}, "irrevocable", before(func(c *commune) {
			next := c.nextCharter()
			next.Chambers = slices.Clone(next.Chambers)
			next.Chambers[1].Share, next.Chambers[2].Share = ratio.New(13, 20), ratio.New(1, 10)
			c.forceCharter(next, &charter.PollRef{})
		})},
		{"a community added twice", []int{4}, "record 3 is a community.add", before(func(c *commune) {
			c.log(audit.KindCommunityAdd, communeSubject, audit.CommunityAdd{Name: "The garden", Slug: "garden"})
		})},
		{"a kind that nobody knows", []int{4}, "not understood", before(func(c *commune) { c.forge("charter.note", communeSubject, struct{}{}) })},
		{"an admission by one attester of two", []int{5}, "record 39, admit", moved(func(c *commune) charter.Move {
			mv := c.statement(identity.ActionAdmit, memberID(50))
			mv.Attestations = mv.Attestations[:1]
			return mv
		})},
		{"an admission by a stranger", []int{5}, "not an attester", moved(func(c *commune) charter.Move {
			mv := c.statement(identity.ActionAdmit, memberID(50))
			mv.Attestations[1].Attester = "dora"
			return mv
		})},
		{"a key changed by somebody else", []int{5}, "signature", moved(func(c *commune) charter.Move {
			mv := c.statement(identity.ActionRotate, memberID(0))
			mv.Signature.Signature[5] ^= 1
			return mv
		})},
		{"a member admitted twice", []int{5}, "member_state", moved(func(c *commune) charter.Move { return c.statement(identity.ActionAdmit, memberID(0)) })},
		{"a move of members that is none", []int{5}, "not understood", before(func(c *commune) { c.forge("member.note", membersSubject, struct{}{}) })},
	}
}

func (c *commune) forceCharter(ch *charter.Charter, by *charter.PollRef) {
	c.t.Helper()
	text, err := ch.Canonical()
	if err != nil {
		c.t.Fatal(err)
	}
	c.log(audit.KindCharterAdopt, communeSubject, audit.CharterAdopt{Adopt: charter.Adopt{At: c.now, Charter: text, Effective: c.now, Hash: charter.HashBytes(text), Poll: by}})
}

func mutants() []mutant {
	return slices.Concat(fileMutants(), communityMutants(), juryMutants(), openMutants(), accountMutants(), ballotMutants(), endMutants(), closeMutants(), recordMutants())
}

func TestEveryFalsehoodFailsItsOwnCheck(t *testing.T) {
	list := mutants()
	missing := map[int]bool{1: true, 2: true, 3: true, 4: true, 5: true, 6: true, 7: true, 8: true, 9: true, 10: true, 11: true, 12: true}
	for _, m := range list {
		for _, no := range m.fails {
			delete(missing, no)
		}
		t.Run(m.name, func(t *testing.T) {
			t.Parallel()
			r := checkBundle(t, m.make(begun(t, nil)), brought(t))
			if got := failed(r); !slices.Equal(got, m.fails) {
				t.Fatalf("failed %v, want %v:\n%s", got, m.fails, text(t, r))
			}
			if said := r.Checks[m.fails[0]-1].Evidence + r.Checks[m.fails[len(m.fails)-1]-1].Evidence; !strings.Contains(said, m.says) {
				t.Errorf("%q is not in %q", m.says, said)
			}
		})
	}
	if len(missing) > 0 {
		t.Errorf("no falsehood for the checks %v", missing)
	}
}
