package e2e

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"kleroterion/api/client"
	"kleroterion/randomness/sortition"
	"kleroterion/service/audit"
	"kleroterion/store/storetest"
)

// replicas are two services on one database, each with a folder of its own and the same keys.
func replicas(t *testing.T) (a, b *service, c *clock) {
	t.Helper()
	c = &clock{}
	first := settings(t.TempDir())
	first.DatabaseURL, first.Migrate = storetest.Postgres(t), true
	a = begin(t, first, c)
	second := first
	second.Data = t.TempDir()
	for _, key := range []string{"log.key", "devchain.key"} {
		must(t, os.WriteFile(filepath.Join(second.Data, key), got(os.ReadFile(filepath.Join(first.Data, key)))(t), 0o600))
	}
	b = begin(t, second, c)
	if a.VKey != b.VKey || a.Devchain().Chain().Hash != b.Devchain().Chain().Hash {
		t.Fatalf("the replicas have the keys %s and %s", a.VKey, b.VKey)
	}
	return a, b, c
}

// TestReplicasMakeOneDrawAndOneResult: draws are opened through both at once, the same ones too.
func TestReplicasMakeOneDrawAndOneResult(t *testing.T) {
	t.Parallel()
	a, b, clock := replicas(t)
	one := newOffice(t, a.URL, a.config.AdminToken, "spire")
	reg := one.frozen("residents", residents(t, 2, 300))
	two := &office{t: t, url: b.URL, city: one.city, operator: got(client.New(b.URL, a.config.AdminToken))(t)}
	key := got(one.operator.AddKeyWithResponse(t.Context(), nil, client.NewKey{City: one.city, Role: client.NewKeyRoleRegistrar, Label: "two"}))(t)
	two.registrar = got(client.New(b.URL, key.JSON201.Token))(t)

	const decisions = 8
	at := clock.now().Add(time.Minute)
	var opened, refusedTwice int
	var mu sync.Mutex
	var asking sync.WaitGroup
	for n := range decisions {
		for _, o := range []*office{one, two} {
			asking.Go(func() {
				_, err := o.registrar.OpenDrawWithResponse(t.Context(), nil, o.simple(reg, fmt.Sprintf("decision-%d", n), at))
				mu.Lock()
				defer mu.Unlock()
				switch {
				case err == nil:
					opened++
				case refused(err, "draw_open"):
					refusedTwice++
				default:
					t.Errorf("decision %d at %s: %v", n, o.url, err)
				}
			})
		}
	}
	asking.Wait()
	if opened != decisions || refusedTwice != decisions {
		t.Fatalf("%d draws were opened and %d refused as open already, want %d of each", opened, refusedTwice, decisions)
	}
	clock.passTo(at.Unix() + 1)
	draws := got(two.operator.ListDrawsWithResponse(t.Context(), &client.ListDrawsParams{}))(t).JSON200.Items
	if len(draws) != decisions {
		t.Fatalf("there are %d draws, want %d", len(draws), decisions)
	}
	for _, d := range draws {
		done := one.drawn(d.ID)
		if want := expected(t, two.operator, d, b.Devchain().Sign); !bytes.Equal(done.Result, want) {
			t.Errorf("%s gave %s, its round gives %s", d.Subject, done.Result, want)
		}
		newAuditor(t, a.VKey).bundle(two.bundle(d.ID))
	}
	endsOnce(t, one.operator, decisions)
	a.end(t)
	b.end(t)
	// Both folders are one log: an auditor who has seen the one accepts the other, whichever is ahead.
	newAuditor(t, a.VKey).log(publicDir(a.config.Data))
	newAuditor(t, a.VKey).log(publicDir(b.config.Data))
	sameFiles(t, publicDir(a.config.Data), publicDir(b.config.Data))
}

// endsOnce reads the log: every draw has one opening and one result, by the round of its manifest.
func endsOnce(t testing.TB, i *client.Instance, draws int) {
	t.Helper()
	rounds, ends := map[audit.Hash]uint64{}, map[audit.Hash]int{}
	list := got(i.ListLogEntriesWithResponse(t.Context(), &client.ListLogEntriesParams{Limit: new(int64(200))}))(t).JSON200.Items
	for _, e := range list {
		rec := got(audit.Decode(e.Record))(t)
		switch body := got(rec.Decoded())(t).(type) {
		case audit.DrawOpen:
			rounds[body.Commit] = got(sortition.ParseManifest(body.Manifest))(t).Beacon.Round
		case audit.DrawResult:
			if ends[body.Commit]++; ends[body.Commit] > 1 || body.Beacon.Round != rounds[body.Commit] {
				t.Errorf("result %d of %s is by round %d, its manifest names %d", ends[body.Commit], e.Subject, body.Beacon.Round, rounds[body.Commit])
			}
		}
	}
	if len(rounds) != draws || len(ends) != draws {
		t.Errorf("the log has %d openings and results of %d draws, want %d", len(rounds), len(ends), draws)
	}
}

// sameFiles: whatever both folders published under one name is the same.
func sameFiles(t testing.TB, a, b string) {
	t.Helper()
	compared := 0
	must(t, filepath.WalkDir(filepath.Join(a, "tile"), func(path string, e os.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		rel := got(filepath.Rel(a, path))(t)
		other, err := os.ReadFile(filepath.Join(b, rel))
		if os.IsNotExist(err) {
			return nil // a partial tile of a size at which the other did not publish
		}
		if compared++; !bytes.Equal(other, got(os.ReadFile(path))(t)) {
			t.Errorf("the replicas published different bytes as %s", rel)
		}
		return err
	}))
	if compared == 0 {
		t.Error("the replicas have no tile in common")
	}
}
