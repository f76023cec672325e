package layers

import (
	"fmt"
	"maps"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

func TestEveryImportIsAllowed(t *testing.T) {
	all := readModule(t)
	for _, r := range importRules {
		for _, s := range all {
			for _, imported := range slices.Sorted(maps.Keys(s.imports)) {
				if r.binds(s) && r.refuses(imported) {
					t.Errorf("%s:%d: %s imports %s: %s", s.file, s.imports[imported], s.pkg, imported, r.because)
				}
			}
		}
	}
}

func TestEveryWordIsAllowed(t *testing.T) {
	all := readModule(t)
	for _, r := range wordRules {
		used := map[string]bool{}
		for _, s := range all {
			for _, found := range r.finds(s) {
				used[s.file] = true
				if r.except[s.file] == "" {
					t.Errorf("%s: %s", found, r.because)
				}
			}
		}
		for file, why := range r.except {
			if !used[file] {
				t.Errorf("%s no longer needs its exception (%s): take it out", file, why)
			}
		}
	}
}

// The verifier is judged by everything that is linked into it, not only by what it names itself.
func TestVerifierLinksNoNetworkAndNoDatabase(t *testing.T) {
	never := []string{
		"net", "net/http/...", "crypto/tls", "database/sql/...", "gorm.io/...", "github.com/gin-gonic/...",
		"./service", "./store/...", "./api/...",
	}
	for _, of := range []string{"./cmd/klero-verify", "./service/audit/verify"} {
		list := exec.CommandContext(t.Context(), "go", "list", "-deps", of)
		list.Dir = moduleRoot(t)
		out, err := list.Output()
		if err != nil {
			t.Fatalf("go list -deps %s: %v", of, err)
		}
		for dep := range strings.FieldsSeq(string(out)) {
			if matches(never, ours(dep)) {
				t.Errorf("%s links %s: the verifier reads files, without a network or a database", of, dep)
			}
		}
	}
}

// A rule that nothing can break, or that binds a folder which was renamed, protects nothing.
func TestEachRuleBites(t *testing.T) {
	all := readModule(t)
	for i, r := range importRules {
		t.Run(fmt.Sprintf("imports %d", i), func(t *testing.T) {
			if r.because == "" {
				t.Error("the rule has no reason")
			}
			if planted := (source{pkg: r.broken[0], file: "planted.go"}); !r.binds(planted) || !r.refuses(r.broken[1]) {
				t.Errorf("lets %s import %s", r.broken[0], r.broken[1])
			}
			if !slices.ContainsFunc(all, r.binds) {
				t.Errorf("binds no file: is one of %q a folder that was renamed?", r.in)
			}
		})
	}
	for i, r := range wordRules {
		t.Run(fmt.Sprintf("words %d", i), func(t *testing.T) {
			if r.because == "" {
				t.Error("the rule has no reason")
			}
			planted, err := readSource("planted.go", []byte("package p\nimport \"time\"\nvar _ = "+r.broken))
			if err != nil {
				t.Fatal(err)
			}
			for _, s := range all {
				if planted.pkg = s.pkg; r.binds(s) && len(r.finds(planted)) == 0 {
					t.Fatalf("lets %s say %s", s.pkg, r.broken)
				}
			}
			if !slices.ContainsFunc(all, r.binds) {
				t.Errorf("binds no file: is one of %q a folder that was renamed?", r.in)
			}
		})
	}
}

func TestReadSource(t *testing.T) {
	const text = `package p

import (
	clock "time"
	"kleroterion/store/tlog"
)

// time.Now and float64 in a comment are only words.
var _ = clock.Now
var s = "0.5 float32"
var _ tlog.Tree
`
	got, err := readSource("service/x_test.go", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	if !got.test || got.pkg != "./service" || got.imports["./store/tlog"] != 5 {
		t.Errorf("got %+v", got)
	}
	if lines := got.words["time.Now"]; !slices.Equal(lines, []int{9}) {
		t.Errorf("time.Now under another name: got lines %v, want 9", lines)
	}
	for _, w := range []string{"float64", "float32", "1.5"} {
		if lines := got.words[w]; lines != nil {
			t.Errorf("%s: got lines %v, want none", w, lines)
		}
	}
}

func TestMatches(t *testing.T) {
	for _, c := range []struct {
		pattern, pkg string
		want         bool
	}{
		{"./store/...", "./store", true},
		{"./store/...", "./store/tlog", true},
		{"./store/...", "./storetest", false},
		{"./store", "./store/tlog", false},
		{"./...", "./api", true},
		{"net/...", "net", true},
		{"net/...", "net/http", true},
		{"net/...", "network", false},
		{"std", "encoding/json", true},
		{"std", "golang.org/x/text", false},
		{"std", "./store", false},
		{"std", "C", false},
	} {
		if got := matches([]string{c.pattern}, c.pkg); got != c.want {
			t.Errorf("matches(%s, %s) = %v, want %v", c.pattern, c.pkg, got, c.want)
		}
	}
}

func (r importRule) binds(s source) bool {
	return (r.tests || !s.test) && matches(r.in, s.pkg) && !matches(r.but, s.pkg)
}

func (r importRule) refuses(imported string) bool {
	return matches(r.never, imported) || len(r.only) > 0 && !matches(r.only, imported)
}

func (r wordRule) binds(s source) bool {
	return !s.test && matches(r.in, s.pkg) && !matches(r.but, s.pkg)
}

// finds lists the places where a file says what the rule forbids.
func (r wordRule) finds(s source) []string {
	if !r.binds(s) {
		return nil
	}
	var found []string
	for _, w := range r.words {
		for _, line := range s.words[w] {
			found = append(found, fmt.Sprintf("%s:%d: %s says %s", s.file, line, s.pkg, w))
		}
	}
	return found
}
