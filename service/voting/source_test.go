package voting_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"slices"
	"strings"
	"testing"
)

// Nothing that decides a vote passes through floating point, reads a clock or asks the machine.
func TestNoFloatsInTheSource(t *testing.T) {
	allowed := []string{"bytes", "cmp", "crypto/sha256", "encoding/binary", "fmt", "math/big", "regexp", "slices", "strings",
		"kleroterion/randomness/beacon", "kleroterion/randomness/canonical", "kleroterion/service/ratio"}
	files, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	read := 0
	for _, f := range files {
		if !strings.HasSuffix(f.Name(), ".go") || strings.HasSuffix(f.Name(), "_test.go") {
			continue
		}
		read++
		tree, err := parser.ParseFile(token.NewFileSet(), f.Name(), nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, i := range tree.Imports {
			if !slices.Contains(allowed, strings.Trim(i.Path.Value, `"`)) {
				t.Errorf("%s imports %s", f.Name(), i.Path.Value)
			}
		}
		for _, what := range floats(tree) {
			t.Errorf("%s uses %s", f.Name(), what)
		}
	}
	if read < 10 {
		t.Errorf("%d files were read, want the whole package", read)
	}
}

// floats lists the floating-point types, conversions and literals of a file.
func floats(tree ast.Node) (list []string) {
	names := []string{"float32", "float64", "complex64", "complex128", "Float", "Float32", "Float64", "SetFloat64", "NewFloat"}
	ast.Inspect(tree, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.Ident:
			if slices.Contains(names, n.Name) {
				list = append(list, n.Name)
			}
		case *ast.BasicLit:
			if n.Kind == token.FLOAT || n.Kind == token.IMAG {
				list = append(list, n.Value)
			}
		}
		return true
	})
	return list
}

func TestFloatsAreFound(t *testing.T) {
	tree, err := parser.ParseFile(token.NewFileSet(), "x.go", "package x\nvar a float64 = 0.5\nvar b, _ = r.Float64()", 0)
	if err != nil {
		t.Fatal(err)
	}
	if got := floats(tree); !slices.Equal(got, []string{"float64", "0.5", "Float64"}) {
		t.Errorf("found %q", got)
	}
}
