package storetest

import (
	"bytes"
	"testing"

	"kleroterion/service"
	"kleroterion/service/audit"
)

func sampleOnce(principal, key string, at int64) service.Once {
	return service.Once{Principal: principal, Key: key, Request: sum(principal + key), Answer: []byte(`{"id":1}`), At: at}
}

func (s suite) once(t *testing.T) {
	claimed := func(t *testing.T, s service.Store, principal, key string) service.Once {
		return get(t, s, func(tx service.Tx) (service.Once, error) { return tx.Claimed(principal, key) })
	}
	s.run(t, []check{
		{"a claim is read back as it was made", func(t *testing.T, s service.Store) {
			want := sampleOnce("key:1", "a", 5)
			write(t, s, func(tx service.Tx) error { return tx.Claim(want) })
			same(t, "claim", claimed(t, s, "key:1", "a"), want)
			missing(t, s, func(tx service.Tx) (service.Once, error) { return tx.Claimed("key:1", "b") })
			missing(t, s, func(tx service.Tx) (service.Once, error) { return tx.Claimed("key:2", "a") })
		}},
		{"a claim that is taken is refused and stays; others may use the same key", func(t *testing.T, s service.Store) {
			want := sampleOnce("key:1", "a", 5)
			write(t, s, func(tx service.Tx) error { return tx.Claim(want) })
			refused(t, s, service.ErrExists, func(tx service.Tx) error { return tx.Claim(service.Once{Principal: "key:1", Key: "a", At: 6}) })
			write(t, s, func(tx service.Tx) error { return tx.Claim(sampleOnce("key:2", "a", 5)) })
			same(t, "claim", claimed(t, s, "key:1", "a"), want)
		}},
		{"old claims are dropped", func(t *testing.T, s service.Store) {
			write(t, s, func(tx service.Tx) error { return tx.Claim(sampleOnce("k", "old", 4)) })
			write(t, s, func(tx service.Tx) error { return tx.Claim(sampleOnce("k", "new", 5)) })
			write(t, s, func(tx service.Tx) error { return tx.DropClaimsBefore(5) })
			missing(t, s, func(tx service.Tx) (service.Once, error) { return tx.Claimed("k", "old") })
			same(t, "claim", claimed(t, s, "k", "new"), sampleOnce("k", "new", 5))
		}},
	})
}

func (s suite) blobs(t *testing.T) {
	s.run(t, []check{
		{"a blob is kept once under its digest", func(t *testing.T, s service.Store) {
			for _, data := range [][]byte{{}, []byte("result"), bytes.Repeat([]byte{0, 0xff}, 100_000)} {
				for range 2 {
					var got audit.Blob
					write(t, s, func(tx service.Tx) (err error) {
						got, err = tx.AddBlob(data)
						return err
					})
					same(t, "blob", got, audit.Blob{SHA256: sum(string(data)), Bytes: int64(len(data))})
				}
				kept := get(t, s, func(tx service.Tx) ([]byte, error) { return tx.Blob(sum(string(data))) })
				if !bytes.Equal(kept, data) {
					t.Errorf("blob of %d bytes was read back as %d bytes", len(data), len(kept))
				}
			}
		}},
		{"an absent blob is not found", func(t *testing.T, s service.Store) {
			missing(t, s, func(tx service.Tx) ([]byte, error) { return tx.Blob(sum("x")) })
		}},
	})
}
