package main

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"runtime"
	"sync"

	"kleroterion/randomness/register"
	"kleroterion/randomness/sortition"
)

// juryOf is a draw of 25 seats and 25 alternates from each district, one a household.
func juryOf(r *register.Register) (*sortition.Manifest, error) {
	chain, value, err := quicknet()
	if err != nil {
		return nil, err
	}
	due, err := chain.TimeOf(value.Round)
	if err != nil {
		return nil, err
	}
	m := &sortition.Manifest{V: 1, Draw: "city/bench/jury/streets", Seq: 1, Method: sortition.Strata, StrataBy: []string{"district"},
		OnePerHousehold: true, DrawTime: due, Register: sortition.RegisterRef{Root: r.Root(), Size: int64(r.Size())},
		Beacon: sortition.Round{Chain: chain.Hash, Round: value.Round}}
	for _, d := range districts {
		m.Strata = append(m.Strata, sortition.Stratum{Stratum: d, Seats: 25, Alternates: 25})
	}
	return m, m.CheckForm()
}

// drawRows draws from n people: time beside the bare HMACs, and memory beside the entries.
func drawRows(n, rounds int) func(context.Context, *bench) ([]Row, error) {
	return func(ctx context.Context, b *bench) ([]Row, error) {
		b.status.say("reading %s entries", short(n))
		var r *register.Register
		entries, err := kept(func() (err error) { r, err = register.Read(newPeople(n)); return err })
		if err != nil {
			return nil, err
		}
		m, err := juryOf(r)
		if err != nil {
			return nil, err
		}
		_, value, err := quicknet()
		if err != nil {
			return nil, err
		}
		draw := func() error { _, err := sortition.Draw(m, r, value); return err }
		t, err := b.medians(ctx, rounds, timed(draw), timed(func() error { bareTickets(r.IDs()); return nil }))
		if err != nil {
			return nil, err
		}
		grown, err := watch(draw)
		if err != nil {
			return nil, err
		}
		name := "draw." + short(n)
		speed := Row{Name: name, What: "tickets, order of the seats and alternates", Figure: took(t[0])}
		speed = speed.against(took(t[1]), "the same HMACs on the same cores").promise(at(n, times(1.5)))
		space := Row{Name: name + ".memory", What: fmt.Sprintf("heap beside the entries, which take %s", size(entries)), Figure: size(grown.heap)}
		space = space.promise(at(n, within(size(200e6))))
		runtime.KeepAlive(r)
		return []Row{speed, space}, nil
	}
}

// bareTickets computes the HMAC of every id and does nothing with it.
func bareTickets(ids [][32]byte) {
	var wg sync.WaitGroup
	procs := runtime.GOMAXPROCS(0)
	for p := range procs {
		wg.Go(func() {
			mac := hmac.New(sha256.New, make([]byte, 32))
			const label = "ticket\n"
			in, out := append([]byte(label), make([]byte, 64)...), make([]byte, 0, 32)
			for _, id := range ids[len(ids)*p/procs : len(ids)*(p+1)/procs] {
				hex.Encode(in[len(label):], id[:])
				mac.Reset()
				mac.Write(in)
				out = mac.Sum(out[:0])
			}
		})
	}
	wg.Wait()
}
