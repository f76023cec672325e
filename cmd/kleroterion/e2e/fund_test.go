package e2e

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"kleroterion/api/client"
	"kleroterion/funding"
	"kleroterion/randomness/beacon"
	"kleroterion/randomness/canonical"
	"kleroterion/service/audit"
	"kleroterion/service/grants"
	"kleroterion/service/identity"
	"kleroterion/service/poll"
)

// fund is a funding round and every gift that was ever sent to it.
type fund struct {
	round client.Round
	door  grants.Door
	log   identity.Key // that signs receipts
	mu    sync.Mutex
	gifts []*present
}

// present is one gift.
type present struct {
	donor, project string
	amount         uint64
	sent           client.NewGift
	answer         []byte          // the receipt as it came; nil while there is none
	receipt        *grants.Receipt // of answer
	late           bool            // refused, because the window was over before it was recorded
}

func newFund(t testing.TB, r client.Round, vkey string) *fund {
	t.Helper()
	key := got(base64.StdEncoding.DecodeString(strings.SplitN(vkey, "+", 3)[2]))(t)
	return &fund{round: r, log: identity.Ed25519Key(key[1:]),
		door: grants.Door{Manifest: got(grants.ParseManifest(r.Manifest))(t), Hash: grants.HashBytes(r.Manifest)}}
}

// newRound asks for a round in which gifts are taken for so many seconds from start on, and projects before.
func newRound(slug string, mode client.NewRoundMode, start, seconds int64) client.NewRound {
	in := client.NewRound{Slug: slug, Name: "Round of " + slug, Mode: mode, Self: client.NewRoundSelfRefused,
		ApplicationsEnd: start, GiftsStart: start, GiftsEnd: start + seconds,
		Params: client.RoundParams{Asset: client.Asset{Code: "EUR", Decimals: 2}, Pool: "1000000", Rule: client.RoundParamsRuleQf}}
	if mode == client.NewRoundModeSealed {
		in.Size = 512
	}
	return in
}

var projects = []string{"bridge", "garden", "oven"}

// apply brings each project with its owner, and a reviewer's word.
func (f *fund) apply(t testing.TB, i, steward *client.Instance, owners []voter) {
	t.Helper()
	for n, id := range projects {
		text := "# The " + id
		file := poll.FileOf([]byte(text))
		owner := strings.TrimPrefix(owners[n].id, "members/")
		mv := grants.Move{Act: grants.Apply, Project: id, Owner: owner, Title: "The " + id, Account: "account of " + id, Text: &file}
		signed := got(mv.Sign(owners[n].private, f.door.Hash, 1))(t)
		got(i.ApplyProjectWithResponse(t.Context(), f.round.ID, client.Application{Project: id, Owner: owner, Title: mv.Title, Account: mv.Account,
			Text: text, Signature: sentSignature(*signed.Signature)}))(t)
		got(steward.ReviewProjectWithResponse(t.Context(), f.round.ID, id, nil, client.Review{Reviewer: "rita", Act: client.ReviewActApprove, Seq: 1}))(t)
	}
}

// fill makes a gift of each donor to each project, on all cores.
func (f *fund) fill(t testing.TB, chain *beacon.Chain, donors []voter) []*present {
	t.Helper()
	made := make([]*present, len(donors)*len(projects))
	var work sync.WaitGroup
	for part := range 4 {
		work.Go(func() {
			for n := part; n < len(made); n += 4 {
				made[n] = f.sign(t, chain, donors[n/len(projects)], n)
			}
		})
	}
	work.Wait()
	if t.Failed() {
		t.FailNow()
	}
	f.gifts = append(f.gifts, made...)
	return made
}

// sign runs beside the test's own goroutine: it says what is wrong and does not end the test. n is the
// gift's nonce and decides project and amount.
func (f *fund) sign(t testing.TB, chain *beacon.Chain, donor voter, n int) *present {
	p := &present{donor: donor.id, project: projects[n%len(projects)], amount: uint64(100 * (n%7 + 1))}
	g := grants.Gift{Amount: fmt.Sprint(p.amount), Donor: p.donor, Nonce: fmt.Sprintf("%032x", n), Project: p.project, Round: f.door.Hash}
	var err error
	if f.door.Manifest.Mode == poll.ModeSealed {
		g, err = f.door.Seal(chain, g, rand.Reader)
	}
	if err == nil {
		var add grants.GiftAdd
		add, err = g.Sign(donor.private, f.door.Manifest.GiftsStart)
		p.sent = client.NewGift{Gift: add.Gift, Signature: sentSignature(add.Signature)}
	}
	if err != nil {
		t.Error(err)
	}
	return p
}

// give sends a gift and reads its receipt, which must be that of the first time, if there was one, byte
// for byte.
func (f *fund) give(ctx context.Context, t testing.TB, i *client.Instance, p *present) error {
	answer, err := i.GiveWithResponse(ctx, f.round.ID, p.sent)
	if err != nil {
		return err
	}
	var r grants.Receipt
	if err := canonical.Unmarshal(answer.JSON201.Receipt, &r); err != nil {
		return err
	}
	signature, err := hex.DecodeString(answer.JSON201.Signature)
	if err != nil {
		return err
	}
	if err := f.log.Verify(identity.ThingReceipt, answer.JSON201.Receipt, identity.Signature{Signature: signature}); err != nil {
		t.Errorf("the receipt of %s: %v", p.donor, err)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	switch {
	case p.late:
		t.Errorf("%s got a receipt after the refusal", p.donor)
	case r.Round != f.door.Hash || r.N != answer.JSON201.N || r.Index != answer.JSON201.Index:
		t.Errorf("the receipt of %s is for another gift: %+v", p.donor, r)
	case p.answer != nil && !bytes.Equal(p.answer, answer.Body):
		t.Errorf("%s had the receipt\n%s\nand has\n%s", p.donor, p.answer, answer.Body)
	}
	p.answer, p.receipt = bytes.Clone(answer.Body), &r
	return nil
}

// again sends gifts that may have been recorded. Who is told that the window was over has no gift in it.
func (f *fund) again(t testing.TB, i *client.Instance, list []*present) {
	t.Helper()
	for n, err := range eight(t.Context(), tasks(list, func(ctx context.Context, p *present) error { return f.give(ctx, t, i, p) }), nil) {
		if refused(err, grants.RuleWindow) && list[n].receipt == nil {
			list[n].late = true
			continue
		}
		must(t, err)
	}
}

// inLog reads the round's records: every gift with a receipt is where the receipt says, no other is
// there, and the round has one close and each of its versions once.
func (f *fund) inLog(t testing.TB, i *client.Instance, versions int64) {
	t.Helper()
	at, kinds := map[int64]*present{}, map[audit.Kind]int{}
	for _, p := range f.gifts {
		if p.receipt != nil {
			at[p.receipt.N] = p
		}
	}
	var found []int64
	file := got(i.GetRoundRecordsWithResponse(t.Context(), f.round.ID))(t).Body
	for line := range bytes.Lines(file) {
		text := bytes.TrimSuffix(line, []byte("\n"))
		rec := got(audit.Decode(text))(t)
		kinds[rec.Kind]++
		switch b := got(rec.Decoded())(t).(type) {
		case audit.GiftAdd:
			p := at[rec.N]
			if p == nil {
				t.Errorf("record %d is a gift without a receipt", rec.N)
			} else if !bytes.Equal(b.Gift, p.sent.Gift) || sha256.Sum256(rec.Body) != p.receipt.Gift || audit.LeafHash(text) != p.receipt.Leaf {
				t.Errorf("record %d is not the gift of its receipt, of %s", rec.N, p.donor)
			}
			delete(at, rec.N)
		case audit.RoundResult:
			found = append(found, b.Version)
		}
	}
	for n, p := range at {
		t.Errorf("%s has a receipt for record %d, and the log has no gift there", p.donor, n)
	}
	if kinds[audit.KindRoundOpen] != 1 || kinds[audit.KindRoundClose] != 1 || kinds[audit.KindRoundVoid] != 0 {
		t.Errorf("the round's records are %v", kinds)
	}
	for want := range versions {
		if int64(len(found)) != versions || found[want] != want+1 {
			t.Errorf("the round's versions are %v, want %d", found, versions)
			break
		}
	}
}

// matched holds a version against the gifts with receipts, of all donors but one.
func (f *fund) matched(t testing.TB, i *client.Instance, version int64, but string) []byte {
	t.Helper()
	text := slices.Clone(got(i.GetRoundResultWithResponse(t.Context(), f.round.ID, version))(t).Body)
	r := got(grants.ParseResultFile(text))(t)
	sums, donors := map[string]uint64{}, map[string]int64{}
	for _, p := range f.gifts {
		if p.receipt != nil && p.donor != but {
			sums[p.project] += p.amount
			donors[p.project]++
		}
	}
	spent := r.Unallocated
	for _, p := range r.Projects {
		if !p.Sum.Equal(funding.Units(sums[p.Project])) || p.Donors != donors[p.Project] {
			t.Errorf("version %d has %s of %d donors for %s, the receipts %d of %d", version, p.Sum, p.Donors, p.Project, sums[p.Project], donors[p.Project])
		}
		sum, ok := spent.Add(p.Amount)
		if spent = sum; !ok {
			t.Error("the amounts are too large to add up")
		}
	}
	if len(r.Projects) != len(projects) || len(r.Invalid) != 0 || !spent.Equal(funding.Units(1_000_000)) {
		t.Errorf("version %d shares %s among %d projects, invalid %v", version, spent, len(r.Projects), r.Invalid)
	}
	return text
}

// fundBundle downloads a round's bundle as soon as a checkpoint covers its newest record.
func fundBundle(t testing.TB, i *client.Instance, f *fund) (file []byte) {
	t.Helper()
	await(t, time.Minute, "the bundle of "+f.round.Subject, func() bool {
		res, err := i.GetRoundBundleWithResponse(t.Context(), f.round.ID)
		if refused(err, "not_published") {
			return false
		}
		must(t, err)
		file = bytes.Clone(res.Body)
		return true
	})
	return file
}

// payable is what each project is to be paid by a version.
func (f *fund) payable(t testing.TB, i *client.Instance, version int64) (list []client.NewPayout) {
	t.Helper()
	r := got(grants.ParseResultFile(got(i.GetRoundResultWithResponse(t.Context(), f.round.ID, version))(t).Body))(t)
	for _, p := range r.Projects {
		list = append(list, client.NewPayout{Project: p.Project, Account: "account of " + p.Project, Amount: p.Amount.String(),
			Reference: "transfer to " + p.Project, Version: version})
	}
	return list
}
