package storetest

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"testing"

	"kleroterion/service"
	"kleroterion/service/audit"
)

var errOurs = errors.New("an error of fn")

func (s suite) atomicity(t *testing.T) {
	s.run(t, []check{
		{"an error of fn comes back and leaves nothing", func(t *testing.T, s service.Store) {
			err := s.Write(t.Context(), func(tx service.Tx) error { return errors.Join(everything(tx), errOurs) })
			if !errors.Is(err, errOurs) {
				t.Errorf("got error %v, want that of fn", err)
			}
			nothing(t, s)
			write(t, s, everything)
			CheckLog(t, s)
		}},
		{"a panic of fn goes on to the caller and leaves nothing", func(t *testing.T, s service.Store) {
			func() {
				defer func() { same(t, "panic", recover(), any("defect")) }()
				_ = s.Write(t.Context(), func(tx service.Tx) error {
					if err := everything(tx); err != nil {
						t.Error(err)
					}
					panic("defect")
				})
			}()
			nothing(t, s)
			write(t, s, everything)
		}},
		{"a goroutine that ends in fn leaves nothing and holds nobody up", func(t *testing.T, s service.Store) {
			var gone sync.WaitGroup
			gone.Go(func() {
				_ = s.Write(t.Context(), func(tx service.Tx) error {
					if err := everything(tx); err != nil {
						t.Error(err)
					}
					runtime.Goexit()
					return nil
				})
			})
			gone.Wait()
			nothing(t, s)
			write(t, s, everything)
		}},
		{"an ended context stops what has not begun", func(t *testing.T, s service.Store) {
			ctx, stop := context.WithCancel(t.Context())
			stop()
			for name, run := range map[string]func(context.Context, func(service.Tx) error) error{"read": s.Read, "write": s.Write} {
				err := run(ctx, func(service.Tx) error { t.Errorf("%s: fn ran", name); return nil })
				if !errors.Is(err, context.Canceled) {
					t.Errorf("%s: got error %v, want %v", name, err, context.Canceled)
				}
			}
		}},
		{"a transaction that has ended can do nothing", func(t *testing.T, s service.Store) {
			var kept service.Tx
			write(t, s, func(tx service.Tx) error { kept = tx; return nil })
			if err := kept.AddCity(service.City{Slug: "late"}); err == nil {
				t.Error("a city was added after the end of the transaction")
			}
			if _, err := kept.Cities("", 1); err == nil {
				t.Error("cities were read after the end of the transaction")
			}
			if _, err := beat(kept); err == nil {
				t.Error("a record was appended after the end of the transaction")
			}
			nothing(t, s)
		}},
		{"a reading transaction writes nothing", func(t *testing.T, s service.Store) {
			for name, fn := range map[string]func(service.Tx) error{
				"everything": everything,
				"an update":  func(tx service.Tx) error { return tx.DropPages("r1") },
				"a record":   func(tx service.Tx) error { _, err := beat(tx); return err },
			} {
				if err := s.Read(t.Context(), fn); err == nil {
					t.Errorf("%s was written in Read", name)
				}
			}
			nothing(t, s)
		}},
	})
}

// everything adds a row to every table.
func everything(tx service.Tx) error {
	steps := []func() error{
		func() error { return tx.AddCity(service.City{Slug: "bonn"}) },
		func() error { return tx.AddKey(sampleKey("k1", "bonn", 1)) },
		func() error { return tx.AddRegister(sampleRegister("r1", "bonn", "jury")) },
		func() error {
			return tx.AddResidents([]service.Resident{{RegisterID: "r1", ID: sum("p"), Line: []byte("{}")}})
		},
		func() error { return tx.AddChunk("u1", 0, []byte("x"), 1) },
		func() error { return tx.AddDraw(sampleDraw("d1", "bonn", "jury", 1)) },
		func() error { return tx.AddBeacon(sampleBeacon("a", 1)) },
		func() error { return tx.AddJob(sampleJob("j1")) },
		func() error { return tx.Claim(sampleOnce("k", "o", 1)) },
		func() error { return tx.AddProposal(sampleProposal("p1", "bonn")) },
		func() error { return tx.AddJury(sampleJury("jury/seats", "d1")) },
		func() error { return tx.PutCode(sampleCode(1, service.CodeAnswer, "a")) },
		func() error { return tx.AddCommunity(service.Community{Slug: "coop"}) },
		func() error { return tx.AddCharter(sampleCharter("coop", 1)) },
		func() error { return tx.PutMember(sampleMember("m1", "k1")) },
		func() error { return tx.AddPoll(openPoll("p1")) },
		func() error { return tx.AddElectors(sampleRoll("p1", 1)) },
		func() error { return tx.CastBallot(sampleRoll("p1", 1)[0]) },
		func() error { return tx.SetCursor("decidim", 5) },
		func() error { return tx.AddRound(openRound("r1")) },
		func() error { return tx.AddGivers(sampleGivers("r1", 1)) },
		func() error { return tx.AddAct(service.Act{Round: "r1", N: 1, Kind: audit.KindRoundOpen}) },
		func() error { return tx.PutProject(appliedProject("r1", "garden")) },
		func() error { return tx.AddGift(sampleGift("r1", 2, "members/1"), &sampleGivers("r1", 1)[0]) },
		func() error { _, err := tx.AddBlob([]byte("blob")); return err },
		func() error { _, err := beat(tx); return err },
	}
	for i, step := range steps {
		if err := step(); err != nil {
			return fmt.Errorf("step %d: %w", i, err)
		}
	}
	return nil
}

// nothing wants what everything adds to be absent.
func nothing(t testing.TB, s service.Store) {
	t.Helper()
	missing(t, s, func(tx service.Tx) (service.City, error) { return tx.City("bonn") })
	missing(t, s, func(tx service.Tx) (service.City, error) { return tx.City("late") })
	missing(t, s, func(tx service.Tx) (service.Key, error) { return tx.Key("k1") })
	missing(t, s, func(tx service.Tx) (service.Register, error) { return tx.Register("r1") })
	missing(t, s, func(tx service.Tx) (service.Resident, error) { return tx.Resident("r1", sum("p")) })
	missing(t, s, func(tx service.Tx) ([]byte, error) { return tx.Chunk("u1", 0) })
	missing(t, s, func(tx service.Tx) (service.Draw, error) { return tx.Draw("d1") })
	missing(t, s, func(tx service.Tx) (service.StoredBeacon, error) { return tx.Beacon(sum("a"), 1) })
	missing(t, s, func(tx service.Tx) (service.Job, error) { return tx.Job("j1") })
	missing(t, s, func(tx service.Tx) (service.Once, error) { return tx.Claimed("k", "o") })
	missing(t, s, func(tx service.Tx) ([]byte, error) { return tx.Blob(sum("blob")) })
	noCommunity(t, s)
	noRound(t, s)
	same(t, "size of the log", CheckLog(t, s).Size, int64(0))
}

func noCommunity(t testing.TB, s service.Store) {
	t.Helper()
	missing(t, s, func(tx service.Tx) (service.Proposal, error) { return tx.Proposal("p1") })
	missing(t, s, func(tx service.Tx) (service.Jury, error) { return tx.Jury("jury/seats") })
	missing(t, s, func(tx service.Tx) (service.Code, error) { return tx.CodeByHash(sum("a")) })
	missing(t, s, func(tx service.Tx) (service.Community, error) { return tx.Community("coop") })
	missing(t, s, func(tx service.Tx) (service.Member, error) { return tx.Member("coop", "m1") })
	missing(t, s, func(tx service.Tx) (service.Poll, error) { return tx.Poll("p1") })
	missing(t, s, func(tx service.Tx) (service.Elector, error) { return tx.Elector("p1", "jury/1") })
	same(t, "charters", get(t, s, func(tx service.Tx) ([]service.Charter, error) { return tx.Charters("coop") }), []service.Charter{})
	same(t, "cursor", get(t, s, func(tx service.Tx) (int64, error) { return tx.Cursor("decidim") }), int64(0))
}

func noRound(t testing.TB, s service.Store) {
	t.Helper()
	missing(t, s, func(tx service.Tx) (service.Round, error) { return tx.Round("r1") })
	missing(t, s, func(tx service.Tx) (service.Giver, error) { return tx.Giver("r1", "members/1") })
	missing(t, s, func(tx service.Tx) (service.Project, error) { return tx.Project("r1", "garden") })
	missing(t, s, func(tx service.Tx) (service.Gift, error) { return tx.Gift("r1", 2) })
	same(t, "acts", get(t, s, func(tx service.Tx) ([]service.Act, error) { return tx.Acts("r1", "", 0, 1) }), []service.Act{})
}
