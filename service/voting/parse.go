package voting

import (
	"slices"
	"strings"

	"kleroterion/randomness/canonical"
)

// maxChoice is the longest choice that is read, in bytes: more than 100 options with their scores need.
const maxChoice = 16384

// The one canonical form of each yes_no choice but a delegation.
const (
	yesBytes     = `{"vote":"yes"}`
	noBytes      = `{"vote":"no"}`
	abstainBytes = `{"vote":"abstain"}`
)

// ParseChoice reads the canonical bytes of a choice under r, which must have passed [Rules.Check].
// Its errors are *[Refusal]; the codes are those of tally.md "Choices". Nothing is repaired.
func ParseChoice(r *Rules, raw []byte) (Choice, error) {
	if r.Method == YesNo {
		switch string(raw) {
		case yesBytes:
			return Choice{kind: yes}, nil
		case noBytes:
			return Choice{kind: no}, nil
		case abstainBytes:
			return Choice{kind: abstain}, nil
		}
	}
	if len(raw) > maxChoice {
		return Choice{}, refuse("choice_form", "a choice of %d bytes, want at most %d", len(raw), maxChoice)
	}
	var d document
	if err := canonical.Unmarshal(raw, &d); err != nil {
		return Choice{}, refuse("choice_form", "choice: %v", err)
	}
	c := Choice{kind: d.kind(), delegate: d.Delegate}
	if err := r.checkKind(c.kind); err != nil {
		return Choice{}, err
	}
	if err := r.read(&c, &d); err != nil {
		return Choice{}, err
	}
	if err := r.checkLimits(&c); err != nil {
		return Choice{}, err
	}
	return c, nil
}

// kind returns which member d has, none unless it is exactly one with a known value.
func (d *document) kind() (k kind) {
	has := map[kind]bool{yes: d.Vote == "yes", no: d.Vote == "no", abstain: d.Vote == "abstain", blank: d.Blank, delegate: d.Delegate != "",
		approve: d.Approve != nil, scores: d.Scores != nil, votes: d.Votes != nil, ranking: d.Ranking != nil}
	for one, present := range has {
		switch {
		case present && k != none:
			return none
		case present:
			k = one
		}
	}
	if d.Vote != "" && k > abstain {
		return none
	}
	return k
}

// read gives c the marks of its one member.
func (r *Rules) read(c *Choice, d *document) (err error) {
	switch c.kind {
	case approve:
		c.marks, err = r.marks(nil, *d.Approve, 1)
	case scores:
		c.marks, err = r.tableMarks(d.Scores)
	case votes:
		c.marks, err = r.tableMarks(d.Votes)
	case ranking:
		c.marks, err = r.rankingMarks(d.Ranking)
	}
	if len(c.marks) > 0 {
		c.options = r.Options
	}
	return err
}

// marks appends one mark for each named option; the names stand in the order of the options.
func (r *Rules) marks(list []mark, names []string, value int) ([]mark, error) {
	last := -1
	for _, name := range names {
		i := slices.Index(r.Options, name)
		switch {
		case i < 0:
			return nil, refuse("unknown_option", "option %.70q is not one of the poll's", name)
		case slices.ContainsFunc(list, func(m mark) bool { return int(m.option) == i }):
			return nil, refuse("option_twice", "option %q is named twice", name)
		case i < last:
			return nil, refuse("option_order", "option %q stands behind one that the poll lists later", name)
		}
		last = i
		list = append(list, mark{int32(i), int32(value)})
	}
	return list, nil
}

func (r *Rules) rankingMarks(groups [][]string) (list []mark, err error) {
	for i, g := range groups {
		if len(g) == 0 {
			return nil, refuse("choice_form", "group %d of the ranking is empty", i+1)
		}
		if list, err = r.marks(list, g, i+1); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// tableMarks reads scores or votes into the order of the options. A value beyond every limit is
// kept beyond it, so that the check of its method refuses it.
func (r *Rules) tableMarks(t map[string]int64) ([]mark, error) {
	list := make([]mark, 0, len(t))
	for i, o := range r.Options {
		if v, ok := t[o]; ok {
			list = append(list, mark{int32(i), int32(max(-maxCredits-1, min(v, maxCredits+1)))})
		}
	}
	if len(list) == len(t) {
		return list, nil
	}
	var strangers []string
	for o := range t {
		if !slices.Contains(r.Options, o) {
			strangers = append(strangers, o)
		}
	}
	return nil, refuse("unknown_option", "option %.70q is not one of the poll's", slices.Min(strangers))
}

// checkKind refuses a choice of another method.
func (r *Rules) checkKind(k kind) error {
	switch form := r.Method.form(); {
	case k == none:
		return refuse("choice_form", "a choice has exactly one member, with a value that is known")
	case k == delegate && r.Cap == nil:
		return refuse("delegation_off", "this poll has no delegation: vote yourself")
	case k == delegate, k == form, k == blank && r.Method != YesNo, k <= abstain && r.Method == YesNo:
		return nil
	}
	return refuse("choice_form", "a choice of another method than %s", r.Method)
}

// form is the kind of a choice that names options, none for yes_no.
func (m Method) form() kind {
	switch m {
	case Approval:
		return approve
	case Score:
		return scores
	case IRV, Schulze:
		return ranking
	case Quadratic:
		return votes
	}
	return none
}

// checkLimits refuses what the numbers of the rules do not allow.
func (r *Rules) checkLimits(c *Choice) error {
	switch {
	case c.kind == delegate:
		return checkDelegate(c.delegate)
	case c.kind == scores:
		return r.checkScores(c)
	case c.kind == ranking && r.Method == IRV:
		return checkStrict(c)
	case c.kind == votes:
		return r.checkVotes(c)
	}
	return nil
}

func checkDelegate(voter string) error {
	if !strings.HasPrefix(voter, Members+"/") || !voterForm(voter) {
		return refuse("delegate_form", "delegate %.90q is not members/ and 64 lower-case hex digits", voter)
	}
	return nil
}

func (r *Rules) checkScores(c *Choice) error {
	for _, m := range c.marks {
		if m.value < 1 || int64(m.value) > r.MaxScore {
			return refuse("score_range", "option %q: a score is 1 to %d; leave out an option with none", r.Options[m.option], r.MaxScore)
		}
	}
	return nil
}

func checkStrict(c *Choice) error {
	for g := range c.groups() {
		if len(g) > 1 {
			return refuse("equal_ranks", "rank %d holds %d options, irv wants one in each", g[0].value, len(g))
		}
	}
	return nil
}

func (r *Rules) checkVotes(c *Choice) error {
	cost := int64(0)
	for _, m := range c.marks {
		v := int64(m.value)
		switch {
		case v == 0:
			return refuse("zero_votes", "option %q: leave out an option that gets no votes", r.Options[m.option])
		case v < 0 && !r.Negative:
			return refuse("negative_votes", "option %q: this poll has no votes against an option", r.Options[m.option])
		}
		cost += v * v
	}
	if cost > r.Credits {
		return refuse("over_budget", "the squares of the votes sum to more than %d credits", r.Credits)
	}
	return nil
}
