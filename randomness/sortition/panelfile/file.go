package panelfile

import (
	"encoding/json"
	"slices"
	"strings"
	"unicode/utf8"

	"kleroterion/randomness/canonical"
	"kleroterion/randomness/sortition/panels"
	"kleroterion/randomness/sortition/quota"
)

// MaxFile bounds the bytes of a panel file, MaxSeats the seats on all its panels, so that a small file
// cannot fill a reader's memory.
const (
	MaxFile  = 256 << 20
	MaxSeats = 1 << 24
)

// Terms are what is decided before a lottery is computed. Size and Quotas are of the whole panel,
// people seated included; ids are those of the register.
type Terms struct {
	Size            int64
	Quotas          []quota.Quota
	OnePerHousehold bool     // one person of a household at most; false looks at no household
	Seated          []string // hold a seat of this panel already
	Excluded        []string // have no part in the lottery
}

// File is a panel file after [Read].
type File struct {
	Terms
	Result *panels.Result
}

type wire struct {
	Certificate     json.RawMessage `json:"certificate"`
	Excluded        []string        `json:"excluded"`
	OnePerHousehold bool            `json:"one_per_household"`
	Quotas          []wireQuota     `json:"quotas"`
	Seated          []string        `json:"seated"`
	Size            int64           `json:"size"`
	V               int64           `json:"v"`
}

type wireQuota struct {
	Feature string `json:"feature"`
	Max     int64  `json:"max"`
	MaxFlex *int64 `json:"max_flex,omitempty"`
	Min     int64  `json:"min"`
	MinFlex *int64 `json:"min_flex,omitempty"`
	Value   string `json:"value"`
}

// Read reads a file strictly. It checks the form and the quotas by themselves; whether they fit a
// register, and what the certificate is worth, is for [Check].
func Read(b []byte) (*File, error) {
	if len(b) > MaxFile {
		return nil, refuse(RuleForm, "%d bytes, at most %d are read", len(b), MaxFile)
	}
	var w wire
	if err := canonical.Unmarshal(b, &w); err != nil {
		return nil, wrap(RuleForm, err)
	}
	if w.V != 1 {
		return nil, refuse(RuleForm, "v is %d, this program knows 1", w.V)
	}
	f := &File{Terms: w.terms()}
	if err := f.checkIDs(); err != nil {
		return nil, err
	}
	if _, err := quota.New(f.Size, f.Quotas, nil); err != nil {
		return nil, wrap(RuleQuotas, err)
	}
	var err error
	if f.Result, err = panels.Parse(w.Certificate); err != nil {
		return nil, wrap(RuleCertificate, err)
	}
	if f.Size > MaxSeats/f.Result.Panels {
		return nil, refuse(RuleTooLarge, "%d panels of %d seats: %d seats are possible in all, ask for fewer panels", f.Result.Panels, f.Size, MaxSeats)
	}
	return f, nil
}

func (w wire) terms() Terms {
	t := Terms{Size: w.Size, OnePerHousehold: w.OnePerHousehold, Seated: w.Seated, Excluded: w.Excluded}
	for _, q := range w.Quotas {
		t.Quotas = append(t.Quotas, quota.Quota{
			Feature: q.Feature, Value: q.Value, Min: q.Min, Max: q.Max, MinFlex: q.MinFlex, MaxFlex: q.MaxFlex,
		})
	}
	return t
}

// encode writes the one file of terms and result. Ids are sorted; quotas keep their order, which is
// that of the rows and features of the lottery.
func encode(t Terms, r *panels.Result) ([]byte, error) {
	certificate, err := panels.Marshal(r)
	if err != nil {
		return nil, wrap(RuleCertificate, err)
	}
	w := wire{
		Certificate: certificate, OnePerHousehold: t.OnePerHousehold, Size: t.Size, V: 1,
		Seated: sorted(t.Seated), Excluded: sorted(t.Excluded), Quotas: make([]wireQuota, len(t.Quotas)),
	}
	for i, q := range t.Quotas {
		if !utf8.ValidString(q.Feature) || !utf8.ValidString(q.Value) {
			return nil, refuse(RuleQuotas, "quota %d (%q %q) is not UTF-8", i+1, q.Feature, q.Value)
		}
		w.Quotas[i] = wireQuota{Feature: q.Feature, Value: q.Value, Min: q.Min, Max: q.Max, MinFlex: q.MinFlex, MaxFlex: q.MaxFlex}
	}
	b, err := canonical.Marshal(w)
	if err != nil {
		return nil, wrap(RuleForm, err)
	}
	return b, nil
}

// sorted is never nil: an empty list is written, not left out.
func sorted(ids []string) []string {
	out := append([]string{}, ids...)
	slices.Sort(out)
	return out
}

func (t Terms) checkIDs() error {
	if err := checkList("seated", t.Seated); err != nil {
		return err
	}
	if err := checkList("excluded", t.Excluded); err != nil {
		return err
	}
	for _, id := range t.Seated {
		if _, both := slices.BinarySearch(t.Excluded, id); both {
			return refuse(RuleIDs, "%s is both seated and excluded", id)
		}
	}
	return nil
}

func checkList(name string, ids []string) error {
	for i, id := range ids {
		switch {
		case len(id) != 64 || strings.Trim(id, "0123456789abcdef") != "":
			return refuse(RuleIDs, "%s: %.70q is not an id of 64 lower-case hex characters", name, id)
		case i > 0 && ids[i-1] >= id:
			return refuse(RuleIDs, "%s: %s does not come after %s: ids ascend, each once", name, id, ids[i-1])
		}
	}
	return nil
}
