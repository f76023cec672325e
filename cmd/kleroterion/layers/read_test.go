package layers

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// source is one Go file of the module.
type source struct {
	file    string // "store/open.go"
	pkg     string // "./store"
	test    bool
	imports map[string]int   // import -> line
	words   map[string][]int // "time.Now", "float64", "1.5" -> lines
}

// readModule parses every Go file below the module's root, whatever system it is built for. It reads the
// files itself so that the go command knows what this test's cached result depends on.
func readModule(t *testing.T) []source {
	t.Helper()
	root := moduleRoot(t)
	var all []source
	err := filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && name != root && hidden(d.Name()):
			return fs.SkipDir
		case d.IsDir() || !strings.HasSuffix(name, ".go"):
			return nil
		}
		rel, err := filepath.Rel(root, name)
		if err != nil {
			return err
		}
		b, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		s, err := readSource(filepath.ToSlash(rel), b)
		all = append(all, s)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// hidden are the folders that the go command does not enter, and those of JavaScript's package manager.
func hidden(name string) bool {
	return name[0] == '.' || name[0] == '_' || name == "testdata" || name == "node_modules"
}

func moduleRoot(t *testing.T) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for ; dir != filepath.Dir(dir); dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
	}
	t.Fatal("no go.mod above this folder")
	return ""
}

func readSource(file string, b []byte) (source, error) {
	set := token.NewFileSet()
	tree, err := parser.ParseFile(set, file, b, 0)
	if err != nil {
		return source{}, err
	}
	s := source{
		file: file, pkg: local(path.Dir(file)), test: strings.HasSuffix(file, "_test.go"),
		imports: map[string]int{}, words: map[string][]int{},
	}
	names := map[string]string{} // the name a file gives an import -> its path
	for _, spec := range tree.Imports {
		of, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			return source{}, err
		}
		s.imports[ours(of)] = set.Position(spec.Pos()).Line
		names[path.Base(of)] = of
		if spec.Name != nil {
			names[spec.Name.Name] = of
		}
	}
	ast.Inspect(tree, func(n ast.Node) bool {
		if w := word(n, names); w != "" {
			s.words[w] = append(s.words[w], set.Position(n.Pos()).Line)
		}
		return true
	})
	return s, nil
}

// word names what a word rule can forbid: a package's member by its path, a bare identifier, a
// floating-point literal as "1.5".
func word(n ast.Node, names map[string]string) string {
	switch n := n.(type) {
	case *ast.SelectorExpr:
		if x, ok := n.X.(*ast.Ident); ok && names[x.Name] != "" {
			return names[x.Name] + "." + n.Sel.Name
		}
	case *ast.BasicLit:
		if n.Kind == token.FLOAT || n.Kind == token.IMAG {
			return "1.5"
		}
	case *ast.Ident:
		return n.Name
	}
	return ""
}

// ours writes an import of this module as the go command's local pattern: "./store/tlog".
func ours(imported string) string {
	if below, ok := strings.CutPrefix(imported, "kleroterion/"); ok {
		return "./" + below
	}
	return imported
}

func local(dir string) string {
	if dir == "." {
		return "."
	}
	return "./" + dir
}

// matches reports whether a package is in a list of patterns.
func matches(patterns []string, pkg string) bool {
	for _, p := range patterns {
		below, all := strings.CutSuffix(p, "/...")
		switch {
		case p == "std" && standard(pkg), p == pkg:
			return true
		case all && (pkg == below || strings.HasPrefix(pkg, below+"/")):
			return true
		}
	}
	return false
}

// standard tells the standard library's imports: their first segment has no dot.
func standard(pkg string) bool {
	first, _, _ := strings.Cut(pkg, "/")
	return !strings.Contains(first, ".") && pkg != "C"
}
