package e2e

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"kleroterion/api/client"
)

// ledger is what the service has acknowledged, in its own words. Nothing leaves it.
type ledger struct {
	cities    map[string]client.City
	keys      map[string]client.Key // of the city that works
	registers map[string]client.Register
	draws     map[string]client.Draw
	jobs      map[string]client.Job
}

func newLedger() *ledger {
	return &ledger{map[string]client.City{}, map[string]client.Key{}, map[string]client.Register{}, map[string]client.Draw{}, map[string]client.Job{}}
}

// has compares the service with everything acknowledged so far, and takes down what has come about
// since. exactly says that nothing else may be there.
func (l *ledger) has(t testing.TB, op, registrar *client.Instance, exactly bool) {
	t.Helper()
	compare(t, "city", l.cities, cities(t, op), sameCity, exactly)
	if registrar == nil {
		return
	}
	keys := *got(registrar.ListKeysWithResponse(t.Context(), &client.ListKeysParams{City: new(homeCity)}))(t).JSON200
	compare(t, "key", l.keys, byID(keys.Items, func(k client.Key) string { return k.ID }), sameKey, exactly)
	regs := *got(registrar.ListRegistersWithResponse(t.Context(), &client.ListRegistersParams{City: homeCity, Limit: new(int64(200))}))(t).JSON200
	compare(t, "register", l.registers, byID(regs.Items, func(r client.Register) string { return r.ID }), laterRegister, exactly)
	draws := *got(op.ListDrawsWithResponse(t.Context(), &client.ListDrawsParams{Limit: new(int64(200))}))(t).JSON200
	compare(t, "draw", l.draws, byID(draws.Items, func(d client.Draw) string { return d.ID }), laterDraw, exactly)
	for id, before := range l.jobs {
		if before.State == client.JobStateDone && !exactly {
			continue // looked at in the end: one request each
		}
		now := *got(registrar.GetJobWithResponse(t.Context(), id))(t).JSON200
		if why := laterJob(before, now); why != "" {
			t.Errorf("job %s %s", id, why)
		}
		l.jobs[id] = now
	}
}

func cities(t testing.TB, i *client.Instance) map[string]client.City {
	t.Helper()
	list := *got(i.ListCitiesWithResponse(t.Context(), &client.ListCitiesParams{Limit: new(int64(200))}))(t).JSON200
	return byID(list.Items, func(c client.City) string { return c.Slug })
}

func byID[T any](list []T, id func(T) string) map[string]T {
	m := map[string]T{}
	for _, v := range list {
		m[id(v)] = v
	}
	return m
}

// compare holds what is there against what was acknowledged, and then takes it down.
func compare[T any](t testing.TB, what string, acknowledged, there map[string]T, changed func(before, now T) string, exactly bool) {
	t.Helper()
	for _, id := range slices.Sorted(maps.Keys(acknowledged)) {
		now, ok := there[id]
		if !ok {
			t.Errorf("%s %s was acknowledged and is gone", what, id)
			continue
		}
		if why := changed(acknowledged[id], now); why != "" {
			t.Errorf("%s %s was acknowledged and %s", what, id, why)
		}
		acknowledged[id] = now
	}
	for id := range there {
		if _, ok := acknowledged[id]; !ok && exactly {
			t.Errorf("%s %s is there and nobody asked for it", what, id)
		}
	}
}

func sameCity(before, now client.City) string { return cmp.Diff(before, now) }

// sameKey: the answer to its making is the whole key.
func sameKey(before, now client.Key) string { return cmp.Diff(before, now) }

// stages in the order in which a register may go.
var stages = []client.RegisterState{client.RegisterStateDraft, client.RegisterStateImporting, client.RegisterStateImported,
	client.RegisterStateFreezing, client.RegisterStateFrozen}

func laterRegister(before, now client.Register) string {
	if before.State == client.RegisterStateFrozen {
		return cmp.Diff(before, now)
	}
	if slices.Index(stages, now.State) < slices.Index(stages, before.State) {
		return "went back from " + string(before.State) + " to " + string(now.State)
	}
	before.State, before.Rows, before.Report = now.State, now.Rows, now.Report
	before.Root, before.FileSha256, before.Bytes, before.FrozenAt, before.SmallCells = now.Root, now.FileSha256, now.Bytes, now.FrozenAt, now.SmallCells
	before.Features, before.Households, before.Sealed = now.Features, now.Households, now.Sealed
	return cmp.Diff(before, now)
}

// laterDraw: an open draw ends once; the rest of it never changes, its result least of all.
func laterDraw(before, now client.Draw) string {
	if before.Status != client.DrawStatusDrawn && before.Status != client.DrawStatusVoid {
		before.Status, before.Result, before.ClosedAt, before.VoidReason = now.Status, now.Result, now.ClosedAt, now.VoidReason
	}
	if !bytes.Equal(before.Result, now.Result) || !bytes.Equal(before.Manifest, now.Manifest) {
		return "has another result or manifest:\n" + cmp.Diff(before, now)
	}
	return cmp.Diff(before, now)
}

func laterJob(before, now client.Job) string {
	switch {
	case now.State == client.JobStateFailed:
		return "failed: " + now.Error
	case before.State == client.JobStateDone:
		return cmp.Diff(before, now)
	case before.ID != now.ID || before.Kind != now.Kind || before.Target != now.Target || now.Attempt < before.Attempt:
		return "is another one: " + cmp.Diff(before, now)
	}
	return ""
}

// decoded reads an answer.
func decoded[T any](t testing.TB, body []byte) (v T) {
	t.Helper()
	must(t, json.Unmarshal(body, &v))
	return v
}
