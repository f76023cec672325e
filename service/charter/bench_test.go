package charter

import (
	"encoding/binary"
	"encoding/hex"
	"runtime"
	"testing"

	"kleroterion/randomness/canonical"
	"kleroterion/service/identity"
)

// crowd commits n members without verifying signatures, which take many times as long.
func crowd(n int64) *Members {
	ms := NewMembers()
	for i := range n {
		var id, public [32]byte
		binary.BigEndian.PutUint64(id[:], uint64(i)*0x9e3779b97f4a7c15)
		binary.BigEndian.PutUint64(public[:], uint64(i)+1)
		ms.commit(Member{ID: hex.EncodeToString(id[:]), State: StateActive, Seq: 1, AdmittedAt: i,
			Key: identity.Key{Alg: identity.Ed25519, Public: canonical.Hex(public[:])}}, i)
	}
	return ms
}

func TestMembersFitInMemory(t *testing.T) {
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	ms := crowd(100_000)
	runtime.GC()
	runtime.ReadMemStats(&after)
	const limit = 500 // bytes, so that a million take half a gigabyte
	if each := (after.HeapAlloc - before.HeapAlloc) / 100_000; each > limit {
		t.Errorf("a member takes %d bytes, want at most %d", each, limit)
	}
	if n := ms.CountAt(small(), 49_999); n != 50_000 || ms.Len() != 100_000 {
		t.Errorf("%d of age of %d, want 50000 of 100000", n, ms.Len())
	}
}

func BenchmarkMillionMembers(b *testing.B) {
	ms, c := crowd(1_000_000), small()
	b.Run("count", func(b *testing.B) {
		for b.Loop() {
			ms.CountAt(c, 1_000_000)
		}
	})
	b.Run("roll", func(b *testing.B) {
		for b.Loop() {
			ms.Roll(c, ChamberMembers)
		}
	})
}

func BenchmarkMove(b *testing.B) {
	h, c := NewHistory(true), small()
	if err := h.Adopt(adoption(c, 1000, 0), c); err != nil {
		b.Fatal(err)
	}
	if err := h.Move(signed(1000, about(identity.ActionAdmit, "m", 1, "m-a"), "city")); err != nil {
		b.Fatal(err)
	}
	keys, seq := [2]secret{"m-a", "m-b"}, int64(1)
	for b.Loop() {
		b.StopTimer()
		seq++
		mv := signed(1000+seq, about(identity.ActionRotate, "m", seq, keys[(seq+1)%2]), keys[seq%2])
		b.StartTimer()
		if err := h.Move(mv); err != nil {
			b.Fatal(err)
		}
	}
}
