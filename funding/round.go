package funding

import (
	"math"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Contribution is one gift of a donor to a project. A donor may have any number of them.
type Contribution struct {
	Donor   string `json:"donor"`
	Project string `json:"project"`
	Amount  Amount `json:"amount"`
}

// Weight says how much of a donor's gifts count, in parts per million.
type Weight struct {
	Donor string `json:"donor"`
	PPM   int64  `json:"weight"`
}

const (
	maxID              = 128
	maxProjects        = 100_000
	maxClusterProjects = 5_000
	maxRows            = math.MaxUint32
)

// Round takes contributions row by row and then matches them. It needs about 30 bytes a row. A Round
// is not safe for use by several goroutines at once.
type Round struct {
	params   Params
	donors   names
	projects names
	rows     []row
	listed   map[uint32]bool
	weights  []uint32 // by donor, 1 too many; 0 and beyond the end: none
}

type row struct {
	donor, project uint32
	amount         wide
}

// names numbers ids in the order in which they come.
type names struct {
	of   map[string]uint32
	ids  []string
	last uint32 // rows of one donor often follow each other
}

// find returns the number of an id that has come before.
func (n *names) find(id string) (i uint32, ok bool) {
	if int(n.last) < len(n.ids) && n.ids[n.last] == id {
		return n.last, true
	}
	if i, ok = n.of[id]; ok {
		n.last = i
	}
	return i, ok
}

// number returns the number of an id, which is new where it has not come before.
func (n *names) number(id string) uint32 {
	if i, ok := n.find(id); ok {
		return i
	}
	if n.of == nil {
		n.of = map[string]uint32{}
	}
	i := uint32(len(n.ids))
	id = strings.Clone(id) // or a short id keeps a whole file in memory
	n.of[id] = i
	n.ids = append(n.ids, id)
	return i
}

// NewRound checks the parameters and returns a round without contributions.
func NewRound(p Params) (*Round, error) {
	if err := p.Check(); err != nil {
		return nil, err
	}
	return &Round{params: p}, nil
}

// Grow makes room for n more contributions.
func (r *Round) Grow(n int) {
	if n > cap(r.rows)-len(r.rows) {
		grown := make([]row, len(r.rows), len(r.rows)+n)
		copy(grown, r.rows)
		r.rows = grown
	}
}

// Add takes one contribution. A contribution that is refused leaves the round as it was.
func (r *Round) Add(c Contribution) error {
	if len(r.rows) == maxRows {
		return refuse("too_many", "more than %d contributions", int64(maxRows))
	}
	if err := r.donors.check("donor", c.Donor); err != nil {
		return err
	}
	if err := r.listable(c.Project); err != nil {
		return err
	}
	r.rows = append(r.rows, row{r.donors.number(c.Donor), r.projects.number(c.Project), c.Amount.n})
	return nil
}

// List names a project that is in the round whether or not it gets a contribution.
func (r *Round) List(project string) error {
	if err := r.listable(project); err != nil {
		return err
	}
	if r.listed == nil {
		r.listed = map[uint32]bool{}
	}
	r.listed[r.projects.number(project)] = true
	return nil
}

func (r *Round) listable(project string) error {
	if _, known := r.projects.find(project); known {
		return nil
	}
	limit := maxProjects
	if r.params.Rule == Cluster {
		limit = maxClusterProjects
	}
	if len(r.projects.ids) >= limit {
		return refuse("too_many", "more than %d projects", limit)
	}
	return checkID("project", project)
}

// Weigh sets a donor's weight, once.
func (r *Round) Weigh(w Weight) error {
	if w.PPM < 0 || w.PPM > Million {
		return refuse("weight", "donor %q has the weight %d, want 0 to %d", w.Donor, w.PPM, Million)
	}
	if err := r.donors.check("donor", w.Donor); err != nil {
		return err
	}
	d := r.donors.number(w.Donor)
	if int(d) >= len(r.weights) {
		r.weights = append(r.weights, make([]uint32, len(r.donors.ids)-len(r.weights))...)
	}
	if r.weights[d] != 0 {
		return refuse("weight_twice", "donor %q has two weights", w.Donor)
	}
	r.weights[d] = uint32(w.PPM) + 1
	return nil
}

// check refuses an id that is new and broken; ids that are known were checked before.
func (n *names) check(code, id string) error {
	if _, known := n.find(id); known {
		return nil
	}
	return checkID(code, id)
}

// checkID holds an id to the rules of matching.md; code is "donor" or "project".
func checkID(code, id string) error {
	switch {
	case id == "":
		return refuse(code, "the %s has an empty id", code)
	case len(id) > maxID:
		return refuse(code, "%s %.40q…: %d bytes, want %d at most", code, id, len(id), maxID)
	case !utf8.ValidString(id):
		return refuse(code, "%s %q: not valid UTF-8", code, id)
	case strings.ContainsFunc(id, unicode.IsControl):
		return refuse(code, "%s %q: control character", code, id)
	case strings.TrimSpace(id) != id:
		return refuse(code, "%s %q: white space at an end", code, id)
	case !norm.NFC.IsNormalString(id):
		return refuse(code, "%s %q: not in Unicode's NFC form", code, id)
	}
	return nil
}

// WithoutWeight counts the donors who have the default weight because nobody has weighed them.
func (r *Round) WithoutWeight() int {
	n := len(r.donors.ids)
	for _, w := range r.weights {
		if w != 0 {
			n--
		}
	}
	return n
}
