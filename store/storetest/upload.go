package storetest

import (
	"bytes"
	"testing"

	"kleroterion/service"
)

func (s suite) uploads(t *testing.T) {
	chunk := bytes.Repeat([]byte("Nr,Name\x00\xff\n"), 50_000)
	chunkOf := func(t *testing.T, s service.Store, upload string, n int64) []byte {
		return get(t, s, func(tx service.Tx) ([]byte, error) { return tx.Chunk(upload, n) })
	}
	s.run(t, []check{
		{"chunks are read back as they were added", func(t *testing.T, s service.Store) {
			write(t, s, func(tx service.Tx) error { return tx.AddChunk("u1", 0, chunk, 5) })
			write(t, s, func(tx service.Tx) error { return tx.AddChunk("u1", 1, nil, 5) })
			if !bytes.Equal(chunkOf(t, s, "u1", 0), chunk) || len(chunkOf(t, s, "u1", 1)) != 0 {
				t.Error("chunk differs")
			}
			missing(t, s, func(tx service.Tx) ([]byte, error) { return tx.Chunk("u1", 2) })
			missing(t, s, func(tx service.Tx) ([]byte, error) { return tx.Chunk("u2", 0) })
		}},
		{"a chunk twice is refused", func(t *testing.T, s service.Store) {
			write(t, s, func(tx service.Tx) error { return tx.AddChunk("u1", 0, chunk, 5) })
			refused(t, s, service.ErrExists, func(tx service.Tx) error { return tx.AddChunk("u1", 0, nil, 6) })
		}},
		{"a dropped upload is gone, others stay", func(t *testing.T, s service.Store) {
			write(t, s, func(tx service.Tx) error { return tx.AddChunk("u1", 0, chunk, 5) })
			write(t, s, func(tx service.Tx) error { return tx.AddChunk("u2", 0, chunk, 5) })
			write(t, s, func(tx service.Tx) error { return tx.DropUpload("u1") })
			write(t, s, func(tx service.Tx) error { return tx.DropUpload("u1") })
			missing(t, s, func(tx service.Tx) ([]byte, error) { return tx.Chunk("u1", 0) })
			chunkOf(t, s, "u2", 0)
		}},
		{"old uploads are dropped where no pending job is named like them", dropOldUploads},
	})
}

func dropOldUploads(t *testing.T, s service.Store) {
	job := func(id string, state service.JobState) service.Job {
		return service.Job{ID: id, Kind: service.JobImportRegister, DedupeKey: id, State: state}
	}
	write(t, s, func(tx service.Tx) error {
		for upload, at := range map[string]int64{"old": 4, "new": 5, "waiting": 4, "read": 4} {
			if err := tx.AddChunk(upload, 0, []byte("x"), at); err != nil {
				return err
			}
		}
		if err := tx.AddJob(job("waiting", service.JobPending)); err != nil {
			return err
		}
		return tx.AddJob(job("read", service.JobDone))
	})
	write(t, s, func(tx service.Tx) error { return tx.DropUploadsBefore(5) })
	for _, upload := range []string{"old", "read"} {
		missing(t, s, func(tx service.Tx) ([]byte, error) { return tx.Chunk(upload, 0) })
	}
	for _, upload := range []string{"new", "waiting"} {
		get(t, s, func(tx service.Tx) ([]byte, error) { return tx.Chunk(upload, 0) })
	}
}
