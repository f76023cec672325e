package register

import (
	"bytes"
	"runtime"
	"testing"
)

// live is what the heap holds after a collection.
func live() uint64 {
	runtime.GC()
	runtime.GC() // the first may leave what finalizers and pools hold
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

func TestRegisterTakesFewBytesAnEntry(t *testing.T) {
	const n = 100_000
	file := sampleFile(t, n)
	before := live()
	r, err := Read(bytes.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	each := float64(live()-before) / n
	t.Logf("%.1f bytes an entry in memory, %.1f in the file", each, float64(len(file))/n)
	if each > 50 {
		t.Errorf("%.1f bytes an entry, want 50 at most", each)
	}
	runtime.KeepAlive(r)
	runtime.KeepAlive(file)
}

// The rows of the file are long, with remarks that nobody needs; what stays is 32 bytes a person and
// the slack of growing slices.
func TestImportTakesFewBytesARow(t *testing.T) {
	const n = 100_000
	m := townMapping(t)
	before := live()
	im, rows := importCount(t, &townReader{n: n}, Options{Mapping: &m})
	each := float64(live()-before) / n
	t.Logf("%.1f bytes a row", each)
	if rows != n || !im.OK() {
		t.Fatalf("%d rows, %v", rows, im.Problems())
	}
	if each > 48 {
		t.Errorf("%.1f bytes a row are kept, want 48 at most", each)
	}
}

// The same file twice as long must not allocate more for each row: nothing is read twice or kept.
func TestImportAllocatesTheSameForEveryRow(t *testing.T) {
	m := townMapping(t)
	allocs := func(n int) float64 {
		return testing.AllocsPerRun(2, func() { importCount(t, &townReader{n: n}, Options{Mapping: &m}) }) / float64(n)
	}
	short, long := allocs(5_000), allocs(20_000)
	if long > short+1 {
		t.Errorf("%.1f allocations a row in a long file, %.1f in a short one", long, short)
	}
}
