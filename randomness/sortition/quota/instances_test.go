package quota

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// instance reads testdata/NAME_SIZE.
func instance(t testing.TB, name string, columns Columns) *Input {
	t.Helper()
	open := func(file string) *os.File {
		f, err := os.Open(filepath.Join("testdata", name, file))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { f.Close() })
		return f
	}
	size, err := strconv.ParseInt(name[strings.LastIndex(name, "_")+1:], 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	in, err := Read(Files{Size: size, Quotas: open("categories.csv"), People: open("respondents.csv"), Columns: columns})
	if err != nil {
		t.Fatal(err)
	}
	return in
}

func TestInstancesTemp(t *testing.T) {
	dirs, _ := os.ReadDir("testdata")
	for _, d := range dirs {
		if !d.IsDir() || strings.HasPrefix(d.Name(), "fuzz") {
			continue
		}
		for _, addr := range []bool{false, true} {
			c := Columns{}
			if addr {
				if !strings.HasPrefix(d.Name(), "syn") {
					continue
				}
				c.Address = []string{"address"}
			}
			start := time.Now()
			in := instance(t, d.Name(), c)
			a := time.Since(start)
			start = time.Now()
			an, err := Feasible(t.Context(), in.Problem)
			b := time.Since(start)
			start = time.Now()
			un, err2 := Unseatable(t.Context(), in.Problem)
			t.Log(d.Name(), addr, in.Problem.People(), len(in.Problem.Types), len(in.Problem.Rows), "read", a, "feasible", b, an.Panel != nil, err, "unseatable", time.Since(start), len(un), err2)
		}
	}
}
