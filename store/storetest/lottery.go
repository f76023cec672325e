package storetest

import (
	"bytes"
	"testing"

	"kleroterion/randomness/sortition/panels"
	"kleroterion/service"
)

// sampleLottery has a different value in each field.
func sampleLottery(id, city string) service.Lottery {
	return service.Lottery{
		ID: id, City: city, RegisterID: "r1", State: service.LotteryReady, Terms: []byte(`{"v":1}`), Method: panels.Nash,
		Panels: 11, File: sum("file" + id), Bytes: 12, Root: sum("root" + id), Proved: true, Gap: "1/7", Lowest: 13, Highest: 14,
		Job: "lottery-" + id, DrawID: "d1", CreatedAt: 15, ClosedAt: 16, Version: 17,
	}
}

func (s suite) lotteries(t *testing.T) {
	s.run(t, []check{
		{"a lottery is read back as it was added", func(t *testing.T, s service.Store) {
			addCity(t, s, "bonn")
			full, bare := sampleLottery("l1", "bonn"), service.Lottery{ID: "l2", City: "bonn", State: service.LotteryComputing}
			addLotteries(t, s, full, bare)
			same(t, "full", oneLottery(t, s, "l1"), full)
			same(t, "bare", oneLottery(t, s, "l2"), bare)
			missing(t, s, func(tx service.Tx) (service.Lottery, error) { return tx.Lottery("l3") })
			refused(t, s, service.ErrExists, func(tx service.Tx) error { return tx.AddLottery(full) })
		}},
		{"lotteries of a city are listed newest first", func(t *testing.T, s service.Store) {
			addCity(t, s, "bonn", "kiel")
			addLotteries(t, s, sampleLottery("l1", "bonn"), sampleLottery("l3", "bonn"), sampleLottery("l2", "kiel"), sampleLottery("L4", "bonn"))
			list := func(city, after string, limit int) []string {
				ids := []string{}
				for _, l := range get(t, s, func(tx service.Tx) ([]service.Lottery, error) { return tx.Lotteries(city, after, limit) }) {
					ids = append(ids, l.ID)
				}
				return ids
			}
			same(t, "all", list("bonn", "", 9), []string{"l3", "l1", "L4"})
			same(t, "page", list("bonn", "l3", 1), []string{"l1"})
			same(t, "end", list("bonn", "L4", 9), []string{})
		}},
		{"an update writes every field and raises the version", func(t *testing.T, s service.Store) {
			addCity(t, s, "bonn", "kiel")
			addLotteries(t, s, service.Lottery{ID: "l1", City: "kiel", State: service.LotteryComputing, Version: 17})
			want := sampleLottery("l1", "bonn")
			write(t, s, func(tx service.Tx) error { return tx.UpdateLottery(want) })
			want.Version++
			same(t, "lottery", oneLottery(t, s, "l1"), want)
		}},
		{"an update of another version or of nothing is stale", func(t *testing.T, s service.Store) {
			addCity(t, s, "bonn")
			want := sampleLottery("l1", "bonn")
			addLotteries(t, s, want)
			for _, l := range []service.Lottery{{ID: "l1", Version: 16}, {ID: "l1", Version: 18}, {ID: "l2", Version: 17}} {
				l.City, l.State = "bonn", service.LotteryFailed
				refused(t, s, service.ErrStale, func(tx service.Tx) error { return tx.UpdateLottery(l) })
			}
			same(t, "lottery", oneLottery(t, s, "l1"), want)
		}},
		{"a panel file is kept until it is dropped", lotteryFiles},
	})
}

func lotteryFiles(t *testing.T, s service.Store) {
	data := bytes.Repeat([]byte("panel\x00\xff"), 300_000)
	file := func(id string) func(service.Tx) ([]byte, error) {
		return func(tx service.Tx) ([]byte, error) { return tx.LotteryFile(id) }
	}
	write(t, s, func(tx service.Tx) error { return tx.AddLotteryFile("l1", data) })
	write(t, s, func(tx service.Tx) error { return tx.AddLotteryFile("l2", []byte("other")) })
	refused(t, s, service.ErrExists, func(tx service.Tx) error { return tx.AddLotteryFile("l1", nil) })
	if !bytes.Equal(get(t, s, file("l1")), data) {
		t.Error("the file differs")
	}
	write(t, s, func(tx service.Tx) error { return tx.DropLotteryFile("l1") })
	write(t, s, func(tx service.Tx) error { return tx.DropLotteryFile("l1") })
	missing(t, s, file("l1"))
	same(t, "other file", get(t, s, file("l2")), []byte("other"))
}

func addLotteries(t testing.TB, s service.Store, lotteries ...service.Lottery) {
	t.Helper()
	write(t, s, func(tx service.Tx) error {
		for _, l := range lotteries {
			if err := tx.AddLottery(l); err != nil {
				return err
			}
		}
		return nil
	})
}

func oneLottery(t testing.TB, s service.Store, id string) service.Lottery {
	t.Helper()
	return get(t, s, func(tx service.Tx) (service.Lottery, error) { return tx.Lottery(id) })
}
