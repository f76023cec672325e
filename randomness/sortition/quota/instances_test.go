package quota

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
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

func TestInstances(t *testing.T) {
	for _, c := range []struct {
		name         string
		address      string
		people       int64
		types, rows  int
		everybodyToo bool // ask also whether there is anybody who can never be chosen
	}{
		{"opendlp_monitoring_30", "", 100, 64, 19, true},
		{"syn_m_24", "", 70, 60, 19, true},
		{"syn_m_24", "address", 70, 63, 29, true},
		{"syn_a_20", "", 250, 221, 28, true},
		{"syn_b_40", "", 404, 292, 26, false},
		{"syn_b_40", "address", 404, 338, 73, false},
		{"syn_c_75", "", 825, 122, 17, true},
		{"syn_c_75", "address", 825, 324, 116, false},
		{"syn_n_170", "", 342, 273, 25, true},
		{"syn_d_100", "", 1000, 514, 26, false},
		{"syn_f_200", "", 2000, 513, 23, false},
		{"syn_e_110", "", 1727, 1315, 35, false},
		{"syn_e_110", "address", 1727, 1479, 253, false},
	} {
		t.Run(c.name+c.address, func(t *testing.T) {
			var columns Columns
			if c.address != "" {
				columns.Address = []string{c.address}
			}
			p := instance(t, c.name, columns).Problem
			if p.People() != c.people || len(p.Types) != c.types || len(p.Rows) != c.rows {
				t.Errorf("%d people, %d types, %d rows", p.People(), len(p.Types), len(p.Rows))
			}
			answer, err := Feasible(t.Context(), p)
			if err != nil || !newSystem(p, nil).holds(answer.Panel) {
				t.Fatalf("%+v, %v", answer, err)
			}
			if found := CrossCheck(p); found != nil {
				t.Errorf("%+v", found)
			}
			if !c.everybodyToo {
				return
			}
			if never, err := Unseatable(t.Context(), p); err != nil || never != nil {
				t.Errorf("never chosen: %+v, %v", never, err)
			}
		})
	}
}

// A quota moved out of reach of the others gives a conflict that names it, and the nearest quotas can be
// met.
func TestInstancesOutOfReach(t *testing.T) {
	for name, c := range map[string]struct {
		feature, value string
		more           int64 // seats on top of the maximum
	}{
		"opendlp_monitoring_30": {"ethnicity", "Maritan", 7}, //nolint:misspell // the file spells it so
		"syn_m_24":              {"c1", "v0", 9},
		"syn_c_75":              {"c1", "v0", 20},
	} {
		t.Run(name, func(t *testing.T) {
			in := instance(t, name, Columns{})
			for i, quota := range in.Quotas {
				if quota.Feature == c.feature && quota.Value == c.value {
					in.Quotas[i].Min, in.Quotas[i].Max = quota.Max+c.more, quota.Max+c.more
				}
			}
			p, err := New(in.Problem.Size, in.Quotas, in.People)
			if err != nil {
				t.Fatal(err)
			}
			answer, err := Feasible(t.Context(), p)
			if err != nil || answer.Conflict == nil {
				t.Fatalf("%+v, %v", answer, err)
			}
			if err := answer.Conflict.Check(p); err != nil || !strings.Contains(answer.Conflict.Reason, c.feature) {
				t.Errorf("%v: %s", err, answer.Conflict.Reason)
			}
			nearest, err := Nearest(t.Context(), p)
			if err != nil || !nearest.Proved || nearest.Cost == 0 {
				t.Fatalf("%+v, %v", nearest, err)
			}
			mended, err := New(p.Size, nearest.Apply(in.Quotas), in.People)
			if err != nil {
				t.Fatal(err)
			}
			if !newSystem(mended, nil).holds(nearest.Panel) {
				t.Errorf("the panel does not meet the changed quotas %+v", nearest.Changes)
			}
		})
	}
}
