package layers

import "slices"

// Folders are written as the go command writes them: "./store" is the one package, "./store/..." the
// package and all below it. "std" stands for the standard library. Imports of this module are written
// in the same way.

// pure are the packages that strangers re-implement: bytes and values in, values out.
var pure = []string{
	"./randomness/...", "./funding/...",
	"./service/audit/...", "./service/charter/...", "./service/voting/...", "./service/identity/...",
	"./service/grants/...", "./service/poll/...", "./service/ratio/...", "./service/seating/...",
}

// network are the two packages under randomness that talk to others, and so are not pure.
var network = []string{"./randomness/relay/...", "./randomness/devchain/..."}

// decisive are the folders where a number decides a result: they count exactly. The fair panel lottery
// (below sortition) searches in floating point and proves what it found in rationals.
var decisive = []string{"./randomness", "./randomness/sortition", "./randomness/register", "./funding/...", "./service/..."}

// modules are the modules of others that pure packages stand on.
var modules = []string{
	"github.com/consensys/gnark-crypto/...",
	"golang.org/x/crypto/...",
	"golang.org/x/mod/sumdb/...",
	"golang.org/x/text/...",
	"filippo.io/age/...",
}

// importRule is one sentence of policy: these packages, without those, never import this, because.
type importRule struct {
	in, but []string
	never   []string // nothing that matches is imported
	only    []string // if not empty: nothing else is imported
	tests   bool     // test files are bound as well
	because string
	broken  [2]string // a package and an import that this rule refuses: a rule that refuses nothing is no rule
}

var importRules = []importRule{
	{
		in: pure, but: network,
		never: []string{
			"net/...", "os/...", "database/sql/...", "log/...", "syscall", "io/ioutil", "plugin", "unsafe",
			"crypto/rand", "math/rand/...",
		},
		because: "a pure package does no input or output and makes no entropy: the same bytes in give the same bytes out, on the auditor's machine too",
		broken:  [2]string{"./randomness/beacon", "net/http"},
	},
	{
		in: pure, but: network,
		only:    slices.Concat([]string{"std"}, pure, modules),
		because: "a pure package stands on the standard library, other pure packages and a short list of modules, or it stops being something that a stranger can read to the end",
		broken:  [2]string{"./service/audit", "github.com/google/uuid"},
	},
	{
		in: pure, but: network,
		never:   network,
		because: "results come from bytes that were verified, never from a request made on the way",
		broken:  [2]string{"./randomness/sortition", "./randomness/relay"},
	},
	{
		in:      []string{"./randomness/...", "./funding/..."},
		never:   []string{"./service/...", "./store/...", "./api/...", "./cmd/..."},
		because: "draws and matching are usable without the service: what decides knows nothing of who asks",
		broken:  [2]string{"./randomness/relay", "./service/audit"},
	},
	{
		in: []string{"./service/audit/verify/...", "./cmd/klero-verify/..."},
		only: slices.Concat([]string{"std"}, pure, []string{
			"./cmd/klero-verify/...", "github.com/alecthomas/kong/...", "golang.org/x/mod/sumdb/...",
		}),
		because: "the verifier must not share a bug or a secret with what it verifies: pure packages, and flags for its command line",
		broken:  [2]string{"./cmd/klero-verify", "./service"},
	},
	{
		in:      []string{"./cmd/klero-verify/..."},
		never:   slices.Concat(network, []string{"net/...", "database/sql/...", "os/exec", "crypto/rand"}),
		because: "klero-verify works on the files it is given, on a machine without a network",
		broken:  [2]string{"./cmd/klero-verify", "net/http"},
	},
	{
		in:      []string{"./service/..."},
		never:   []string{"./store/...", "./api/...", "./cmd/..."},
		because: "service declares the store it needs and does not know who implements it or who calls it",
		broken:  [2]string{"./service", "./store"},
	},
	{
		in: []string{"./service/..."},
		never: slices.Concat(network, []string{
			"net", "net/http/...", "net/rpc/...", "net/smtp", "os/...", "database/sql/...", "crypto/rand",
		}),
		because: "a use case gets its beacons, files, time and entropy from whoever wires it, so that it runs in a test as it runs in production",
		broken:  [2]string{"./service", "./randomness/relay"},
	},
	{
		in:      []string{"./api/..."},
		never:   []string{"./store/...", "./cmd/...", "database/sql/..."},
		because: "api decodes, calls service and encodes; a handler that reaches the database goes round the transaction and the log",
		broken:  [2]string{"./api", "./store"},
	},
	{
		in:      []string{"./store/..."},
		never:   []string{"./api/...", "./cmd/...", "net/http/..."},
		because: "store keeps rows; it does not know that anybody speaks HTTP",
		broken:  [2]string{"./store", "./api"},
	},
	{
		in: []string{"./..."}, but: []string{"./store/..."},
		never:   []string{"gorm.io/...", "github.com/pressly/goose/..."},
		because: "GORM and the migrations live in store: elsewhere a query would escape its contract tests and its transactions",
		broken:  [2]string{"./service", "gorm.io/gorm"},
	},
	{
		in: []string{"./..."}, but: []string{"./store/...", "./cmd/klero-bench/..."},
		never:   []string{"database/sql/...", "github.com/jackc/...", "modernc.org/sqlite/...", "github.com/mattn/go-sqlite3/..."},
		because: "only store opens a database; klero-bench alone measures bare drivers, to set store beside them",
		broken:  [2]string{"./cmd/kleroterion/serve", "database/sql"},
	},
	{
		in: []string{"./..."}, but: []string{"./api/...", "./cmd/klero-bench/..."},
		never:   []string{"github.com/gin-gonic/...", "github.com/gin-contrib/..."},
		because: "Gin lives in api: elsewhere a package would depend on a request; klero-bench alone measures a bare Gin, to set api beside it",
		broken:  [2]string{"./service", "github.com/gin-gonic/gin"},
	},
	{
		in: []string{"./..."}, but: []string{"./cmd/..."},
		never:   []string{"github.com/alecthomas/kong/...", "flag"},
		because: "flags and environment are read in cmd only; everything else has parameters",
		broken:  [2]string{"./store", "github.com/alecthomas/kong"},
	},
	{
		in:      []string{"./..."},
		never:   []string{"math/rand/..."},
		because: "no result, pause or order comes from a generator that can be predicted; choices use randomness.Seed, the rest takes an io.Reader",
		broken:  [2]string{"./api", "math/rand/v2"},
	},
	{
		in:      []string{"./..."},
		never:   []string{"C"},
		because: "the binary is static and built without cgo",
		broken:  [2]string{"./store", "C"},
	},
	{
		in: []string{"./..."}, but: []string{"./store/storetest/...", "./cmd/klero-bench/..."},
		never: []string{
			"testing/...", "github.com/google/go-cmp/...", "pgregory.net/rapid/...", "github.com/rogpeppe/go-internal/...",
			"go.uber.org/goleak/...", "github.com/cloudflare/circl/...",
		},
		because: "what only tests need is not shipped",
		broken:  [2]string{"./api", "github.com/google/go-cmp/cmp"},
	},
	{
		in: []string{"./..."}, tests: true,
		never:   []string{"github.com/stretchr/testify/..."},
		because: "tests are plain Go: testing and go-cmp",
		broken:  [2]string{"./api", "github.com/stretchr/testify/require"},
	},
}

// wordRule forbids names and literals in the code that is shipped.
type wordRule struct {
	in, but []string
	words   []string          // "time.Now", or a bare identifier, or "1.5" for every floating-point literal
	except  map[string]string // file -> why it may; an exception that nobody uses any more is an error
	because string
	broken  string // an expression that this rule refuses
}

var wordRules = []wordRule{
	{
		in: slices.Concat(pure, []string{"./service/..."}), but: network,
		words:   []string{"time.Now", "time.Since", "time.Until", "time.Sleep"},
		because: "the time is a parameter, now func() time.Time: a rule about deadlines is tested at the second it changes",
		broken:  "time.Now()",
	},
	{
		in:      network,
		words:   []string{"time.Now", "time.Since", "time.Until", "time.Sleep"},
		because: "the state of a round depends on the clock, so the clock is a parameter",
		broken:  "time.Since(t)",
	},
	{
		in: pure, but: network,
		words:   []string{"time.After", "time.AfterFunc", "time.Tick", "time.NewTimer", "time.NewTicker"},
		because: "a pure package does not wait",
		broken:  "time.After(s)",
	},
	{
		in:      decisive,
		words:   []string{"float64", "float32", "complex128", "complex64", "1.5"},
		because: "results are decided in integers and rationals: a rounding that differs between two machines would be two outcomes",
		broken:  "x * 0.2",
	},
}
