package e2e

import (
	"context"
	"testing"
	"time"

	"kleroterion/api/client"
	domain "kleroterion/service"
	"kleroterion/store"
	"kleroterion/store/storetest"
)

func TestNoGiftWithAReceiptIsLostWhenTheServiceIsKilledOnSQLite(t *testing.T) {
	t.Parallel()
	killTheChest(newCrash(t, ""))
}

func TestNoGiftWithAReceiptIsLostWhenTheServiceIsKilledOnPostgreSQL(t *testing.T) {
	t.Parallel()
	killTheChest(newCrash(t, storetest.Postgres(t)))
}

// chest is a community that shares money, under a service that is killed again and again.
type chest struct {
	*polity
	owners, donors []voter
}

// killTheChest has three rounds, so that the leases of killed jobs run out at the same time: one is killed
// at its close, one while it is matched and one while it is corrected.
func killTheChest(c *crash) {
	c.t.Helper()
	c.resume()
	c.must(c.addCity(homeCity))
	k := &chest{polity: &polity{crash: c, chain: devChain(c.t, c.operator)}}
	k.found(27)

	start := time.Now().Add(12 * time.Second).Unix() // and windows that are long enough for a busy machine
	spring := k.opened(newRound("spring", client.NewRoundModeSealed, start, 24))
	winter := k.opened(newRound("winter", client.NewRoundModeOpen, start, 12))
	autumn := k.opened(newRound("autumn", client.NewRoundModeSealed, start, 32))
	last, gifts := winter.fill(c.t, k.chain, k.donors), spring.fill(c.t, k.chain, k.donors)
	others := autumn.fill(c.t, k.chain, k.donors)
	delay(time.Until(time.Unix(start, 0))).pass(c.t)
	k.giveThrough(spring, gifts, 30)
	k.killAtEnd(winter, last)
	winter.again(c.t, k.public(), last)
	k.giveThrough(autumn, others, 40)
	if !k.killJob(autumn, domain.RoundClosed, func() string { return "round-" + autumn.round.ID }) {
		c.t.Error("the service was not killed while it matched")
	}
	k.isFinal(spring)
	version, struck, correction := k.correct(spring)
	for _, f := range []*fund{winter, autumn} {
		k.isFinal(f)
		k.judge(f, 1, "")
	}
	got(k.chair(c).WaitCorrection(c.t.Context(), spring.round.ID, correction))(c.t)
	k.pay(spring, version)
	k.judge(spring, version, struck)
	k.paidOnce(spring, version)
	k.promises(winter, spring, autumn)
	c.settle()
}

// found makes the community: the first members own the projects.
func (k *chest) found(members int) {
	k.t.Helper()
	k.steward = found(k.t, k.operator, k.child.url, k.chain, 4)
	for n := range members {
		k.voters = append(k.voters, member(n))
	}
	for _, err := range eight(k.t.Context(), tasks(k.voters, k.patiently), nil) {
		must(k.t, err)
	}
	k.owners, k.donors = k.voters[:len(projects)], k.voters[len(projects):]
}

func (k *chest) chair(c *crash) *client.Instance { return got(client.New(c.child.url, k.steward))(c.t) }

// opened opens a round, and has all projects applied and approved.
func (k *chest) opened(in client.NewRound) *fund {
	k.t.Helper()
	p := &post{key: "round/" + in.Slug, who: k.chair, took: func(*crash, []byte) {},
		send: func(ctx context.Context, i *client.Instance, key *string) (answer, error) {
			return read(i.ClientInterface.OpenRound(ctx, commonsSlug, &client.OpenRoundParams{IdempotencyKey: key}, in))
		}}
	f := newFund(k.t, decoded[client.Round](k.t, k.must(p)), k.vkey)
	f.apply(k.t, k.public(), k.chair(k.crash), k.owners)
	return f
}

// giveThrough sends gifts, is killed in the middle and sends all of them again.
func (k *chest) giveThrough(f *fund, list []*present, after int) {
	k.t.Helper()
	k.through(after, tasks(list, func(ctx context.Context, p *present) error { return f.give(ctx, k.t, k.public(), p) }))
	f.again(k.t, k.public(), list)
	for _, p := range list {
		if p.receipt == nil {
			k.t.Fatalf("%s was too late: the machine is slower than the round", p.donor)
		}
	}
}

// killAtEnd sends gifts in the last moments of a round and kills the service at its closing second.
func (k *chest) killAtEnd(f *fund, list []*present) {
	k.t.Helper()
	end := time.Unix(f.round.GiftsEnd, 0)
	delay(time.Until(end.Add(-40 * time.Millisecond))).pass(k.t)
	over := make(chan struct{})
	go func() {
		defer close(over)
		eight(k.t.Context(), tasks(list, func(ctx context.Context, p *present) error { return f.give(ctx, k.t, k.public(), p) }), nil)
	}()
	delay(time.Until(end.Add(3 * time.Millisecond))).pass(k.t)
	k.kill()
	<-over
	k.resume()
}

// killJob kills the service when a worker has the job that start names, of a round in this state, and
// reports whether it was so: a job may be over before anybody sees it.
func (k *chest) killJob(f *fund, state domain.RoundState, start func() string) (met bool) {
	k.t.Helper()
	db := got(store.Open(k.t.Context(), store.Options{URL: k.database}))(k.t)
	defer db.Close() // it read
	id := start()
	look := func() (busy, over bool) {
		must(k.t, db.Read(k.t.Context(), func(tx domain.Tx) error {
			job, err := tx.Job(id)
			if err != nil {
				return err
			}
			row, err := tx.Round(f.round.ID)
			over = job.State != domain.JobPending
			busy = !over && row.State == state && job.LeaseUntil > 0
			return err
		}))
		return busy, over
	}
	for over := false; !met && !over; k.resume() { // a worker that had to wait for the beacon gives the job back
		watch(k.t, 2*time.Millisecond, time.Minute, func() bool { busy, over := look(); return busy || over })
		k.kill()
		met, over = look()
	}
	return met
}

func (k *chest) isFinal(f *fund) {
	k.t.Helper()
	await(k.t, 2*time.Minute, "the result of "+f.round.Subject, func() bool {
		return got(k.operator.GetRoundWithResponse(k.t.Context(), f.round.ID))(k.t).JSON200.Status == client.RoundStatusFinal
	})
}

// correct strikes a donor, and kills the service while it matches again; where that was too quick, another
// donor in the next version.
func (k *chest) correct(f *fund) (version int64, struck, job string) {
	k.t.Helper()
	for version = 2; version < 6; version++ {
		struck = f.gifts[int(version)*len(projects)].donor
		if k.killJob(f, domain.RoundFinal, func() string { job = k.ask(f, struck); return job }) {
			return version, struck, job
		}
	}
	k.t.Fatal("the service was not killed while it corrected a result")
	return version, struck, job
}

// ask queues a correction that strikes a donor.
func (k *chest) ask(f *fund, donor string) (job string) {
	k.t.Helper()
	return decoded[client.Job](k.t, k.must(&post{key: "correction/" + donor, who: k.chair,
		send: func(ctx context.Context, i *client.Instance, key *string) (answer, error) {
			return read(i.ClientInterface.CorrectRound(ctx, f.round.ID, &client.CorrectRoundParams{IdempotencyKey: key}, f.strike(donor)))
		},
		took: func(*crash, []byte) {}})).ID
}

// pay records what each project was paid, and kills the service while it does.
func (k *chest) pay(f *fund, version int64) {
	k.t.Helper()
	for n, p := range f.payable(k.t, k.operator, version) {
		k.cut(&post{key: "payout/" + p.Project, who: k.chair,
			send: func(ctx context.Context, i *client.Instance, key *string) (answer, error) {
				return read(i.ClientInterface.RecordPayout(ctx, f.round.ID, &client.RecordPayoutParams{IdempotencyKey: key}, p))
			},
			took: func(*crash, []byte) {}}, delay(n*int(4*time.Millisecond)))
		k.resume()
	}
}

// paidOnce: every project was paid what the newest version gives it, once.
func (k *chest) paidOnce(f *fund, version int64) {
	k.t.Helper()
	paid := map[string]string{}
	for _, p := range got(k.operator.ListPayoutsWithResponse(k.t.Context(), f.round.ID))(k.t).JSON200.Items {
		if paid[p.Project] != "" {
			k.t.Errorf("%s was paid twice", p.Project)
		}
		paid[p.Project] = p.Amount
	}
	for _, p := range f.payable(k.t, k.operator, version) {
		if paid[p.Project] != p.Amount {
			k.t.Errorf("%s was paid %q, version %d gives it %s", p.Project, paid[p.Project], version, p.Amount)
		}
	}
}

// judge holds a matched round against the receipts, and has an auditor hold it against everything else.
func (k *chest) judge(f *fund, versions int64, struck string) {
	k.t.Helper()
	f.again(k.t, k.public(), f.gifts) // still the same receipts, and no new record
	f.inLog(k.t, k.operator, versions)
	f.matched(k.t, k.operator, 1, "")
	f.matched(k.t, k.operator, versions, struck)
	k.auditor.bundle(fundBundle(k.t, k.operator, f))
}

// promises reads the whole log: each receipt names the place of its gift in it.
func (k *chest) promises(all ...*fund) {
	k.t.Helper()
	leaves := map[int64]string{}
	for _, e := range k.wholeLog() {
		leaves[e.Seq] = e.Leaf
	}
	for _, f := range all {
		for _, p := range f.gifts {
			if p.receipt != nil && leaves[p.receipt.Index] != p.receipt.Leaf.String() {
				k.t.Errorf("the receipt of %s says %s at %d of the log, there is %s", p.donor, p.receipt.Leaf, p.receipt.Index, leaves[p.receipt.Index])
			}
		}
	}
}
