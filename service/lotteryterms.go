package service

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"kleroterion/randomness/canonical"
	"kleroterion/randomness/sortition/panelfile"
	"kleroterion/randomness/sortition/panels"
	"kleroterion/randomness/sortition/quota"
)

const (
	defaultPanels = 1000
	mostPanels    = 1_000_000
	mostFields    = 20 // of one refusal
)

// termsText is what a lottery keeps of its request: the panel file without its certificate.
type termsText struct {
	Excluded        []string    `json:"excluded"`
	OnePerHousehold bool        `json:"one_per_household"`
	Quotas          []quotaText `json:"quotas"`
	Seated          []string    `json:"seated"`
	Size            int64       `json:"size"`
	V               int64       `json:"v"`
}

type quotaText struct {
	Feature string `json:"feature"`
	Max     int64  `json:"max"`
	MaxFlex *int64 `json:"max_flex,omitempty"`
	Min     int64  `json:"min"`
	MinFlex *int64 `json:"min_flex,omitempty"`
	Value   string `json:"value"`
}

func writeTerms(t panelfile.Terms) ([]byte, error) {
	text := termsText{Excluded: t.Excluded, OnePerHousehold: t.OnePerHousehold, Seated: t.Seated, Size: t.Size, V: 1, Quotas: []quotaText{}}
	for _, q := range t.Quotas {
		text.Quotas = append(text.Quotas, quotaText{Feature: q.Feature, Value: q.Value, Min: q.Min, Max: q.Max, MinFlex: q.MinFlex, MaxFlex: q.MaxFlex})
	}
	b, err := canonical.Marshal(text)
	if err != nil {
		return nil, fmt.Errorf("terms of a lottery: %w", err)
	}
	return b, nil
}

func parseTerms(b []byte) (panelfile.Terms, error) {
	var text termsText
	if err := canonical.Unmarshal(b, &text); err != nil {
		return panelfile.Terms{}, fmt.Errorf("terms of a lottery: %w", err)
	}
	t := panelfile.Terms{Size: text.Size, OnePerHousehold: text.OnePerHousehold, Seated: text.Seated, Excluded: text.Excluded}
	for _, q := range text.Quotas {
		t.Quotas = append(t.Quotas, quota.Quota{Feature: q.Feature, Value: q.Value, Min: q.Min, Max: q.Max, MinFlex: q.MinFlex, MaxFlex: q.MaxFlex})
	}
	return t, nil
}

// checked returns the request with its defaults, refused where it is wrong whatever the register holds.
func (in NewLottery) checked() (NewLottery, error) {
	if in.Method == "" {
		in.Method = panels.Leximin
	}
	if in.Panels == 0 {
		in.Panels = defaultPanels
	}
	known := []panels.Method{panels.Leximin, panels.Maximin, panels.Nash, panels.Goldilocks}
	switch {
	case !slices.Contains(known, in.Method):
		return in, Refuse(KindInvalid, "lottery_method", "method %.20q is none of %v", in.Method, known)
	case in.Panels < 1 || in.Panels > mostPanels:
		return in, Refuse(KindInvalid, "panels", "a lottery of %d panels: 1 to %d are possible", in.Panels, mostPanels)
	case in.Size < 1 || in.Size > panelfile.MaxSeats:
		return in, Refuse(KindInvalid, quota.RuleSize, "a panel of %d seats: 1 to %d are possible", in.Size, panelfile.MaxSeats)
	case in.Size > panelfile.MaxSeats/in.Panels:
		return in, Refuse(KindInvalid, string(panelfile.RuleTooLarge), "%d panels of %d seats: %d seats are possible in all", in.Panels, in.Size, panelfile.MaxSeats).
			WithHint("ask for fewer panels")
	}
	var err error
	if in.Seated, err = idList("seated", in.Seated); err == nil {
		in.Excluded, err = idList("excluded", in.Excluded)
	}
	return in, firstOf(err, in.disjoint(), in.checkQuotas())
}

// idList sorts ids, and is never nil: that is how the file has them.
func idList(pointer string, ids []string) ([]string, error) {
	out := append([]string{}, ids...)
	for i, id := range out {
		if len(id) != 64 || strings.Trim(id, "0123456789abcdef") != "" {
			return nil, wrongMember(panelfile.RuleIDs, fmt.Sprintf("/%s/%d", pointer, i), fmt.Sprintf("%s: %.70q is not a register id of 64 lower-case hex digits", pointer, id))
		}
	}
	slices.Sort(out)
	for i := range out {
		if i > 0 && out[i-1] == out[i] {
			return nil, wrongMember(panelfile.RuleIDs, "/"+pointer, fmt.Sprintf("%s names %s twice", pointer, out[i]))
		}
	}
	return out, nil
}

// disjoint holds the two sorted lists against each other.
func (in NewLottery) disjoint() error {
	for i, id := range in.Seated {
		if _, both := slices.BinarySearch(in.Excluded, id); both {
			return wrongMember(panelfile.RuleIDs, fmt.Sprintf("/seated/%d", i), fmt.Sprintf("%s is both seated and excluded", id))
		}
	}
	return nil
}

func wrongMember(rule panelfile.Rule, pointer, message string) *Error {
	e := Refuse(KindInvalid, string(rule), "%s", message)
	e.Fields = []FieldError{{Pointer: pointer, Rule: string(rule), Detail: message}}
	return e
}

func (in NewLottery) checkQuotas() error {
	for i, q := range in.Quotas {
		if !utf8.ValidString(q.Feature) || !utf8.ValidString(q.Value) {
			return wrongMember(panelfile.RuleQuotas, fmt.Sprintf("/quotas/%d", i), "a name that is not UTF-8")
		}
	}
	_, err := quota.New(in.Size, in.numbered(), nil)
	return in.refusal(err)
}

// numbered gives quotas that come from no file their number in the list as line, so that an issue says which.
func (in NewLottery) numbered() []quota.Quota {
	list := slices.Clone(in.Quotas)
	for i := range list {
		if !in.fromFile() {
			list[i].Line = i + 1
		}
	}
	return list
}

func (in NewLottery) fromFile() bool {
	return slices.ContainsFunc(in.Quotas, func(q quota.Quota) bool { return q.Line != 0 })
}

func (in NewLottery) terms() panelfile.Terms {
	return panelfile.Terms{Size: in.Size, Quotas: in.numbered(), OnePerHousehold: in.OnePerHousehold, Seated: in.Seated, Excluded: in.Excluded}
}

// discloses refuses a feature that nobody's entry has, before it is missed in the first entry.
func (in NewLottery) discloses(reg Register) error {
	for i, q := range in.Quotas {
		if !slices.Contains(reg.Features, q.Feature) {
			e := wrongMember(panelfile.RuleUndisclosed, fmt.Sprintf("/quotas/%d/feature", i),
				fmt.Sprintf("the register does not disclose %.60q; it has %s", q.Feature, strings.Join(reg.Features, ", ")))
			return e.WithHint("quotas name features of the public register, letter by letter")
		}
	}
	return nil
}

// refusal turns broken rules of panels.md into the refusal that callers see, each where it is in the request.
func (in NewLottery) refusal(err error) error {
	var issues quota.Issues
	var file *panelfile.Refusal
	switch {
	case errors.As(err, &issues):
		e := Refuse(KindInvalid, string(panelfile.RuleQuotas), "%v", issues)
		for _, issue := range issues[:min(len(issues), mostFields)] {
			e.Fields = append(e.Fields, FieldError{Pointer: in.pointer(issue), Rule: issue.Rule, Detail: issue.Message})
		}
		return e
	case errors.As(err, &file):
		return Refuse(KindInvalid, string(file.Rule), "%s", file.Detail)
	}
	return err
}

func (in NewLottery) pointer(issue quota.Issue) string {
	switch {
	case issue.Rule == quota.RuleSize:
		return "/size"
	case issue.Rule == quota.RuleSeated:
		return "/seated"
	case issue.File != quota.QuotaFile || issue.Line == 0:
		return "/quotas"
	case in.fromFile():
		return "/categories"
	case issue.Column == "":
		return fmt.Sprintf("/quotas/%d", issue.Line-1)
	}
	return fmt.Sprintf("/quotas/%d/%s", issue.Line-1, issue.Column)
}

// valuesOf are a type's values by feature.
func valuesOf(p *quota.Problem, t quota.Type) map[string]string {
	values := map[string]string{}
	for f, v := range t.Values {
		values[p.Features[f].Name] = p.Features[f].Values[v]
	}
	return values
}
