package voting

import "strings"

// Ballot is the last ballot of one voter in a poll.
type Ballot struct {
	Chamber string
	Voter   string // members/<64 hex>, founders/<64 hex>, jury/<seat>
	N       int64  // number of its record in the poll; orders delegations
	Choice  Choice
	Invalid string // why it does not count, a code; Choice is then the zero value
}

// voterForm reports whether v is the name of a voter of some chamber.
func voterForm(v string) bool {
	chamber, id, ok := strings.Cut(v, "/")
	switch {
	case !ok:
		return false
	case chamber == Jury:
		return seatForm(id)
	case chamber != Members && chamber != Founders || len(id) != 64:
		return false
	}
	form := true
	for i := range len(id) {
		form = form && hexDigit[id[i]]
	}
	return form
}

// hexDigit is a table because comparing random digits with ranges makes the processor guess wrong,
// which is a quarter of the time of a tally of a million.
var hexDigit = [256]bool{'0': true, '1': true, '2': true, '3': true, '4': true, '5': true, '6': true, '7': true, '8': true, '9': true,
	'a': true, 'b': true, 'c': true, 'd': true, 'e': true, 'f': true}

// seatForm: a number from 1 without leading zeros, of at most ten digits.
func seatForm(s string) bool {
	if s == "" || len(s) > 10 || s[0] == '0' {
		return false
	}
	return strings.Trim(s, "0123456789") == ""
}

// check refuses a ballot that cannot be one of a poll under r.
func (b *Ballot) check(r *Rules) error {
	switch {
	case !strings.HasPrefix(b.Voter, b.Chamber) || !voterForm(b.Voter) || b.Voter[len(b.Chamber)] != '/':
		return refuse("voter_form", "voter %.90q of chamber %.20q: want members/<64 hex>, founders/<64 hex> or jury/<seat>", b.Voter, b.Chamber)
	case b.N < 0 || b.N > maxRecord:
		return refuse("ballot_number", "ballot of %s: number %d", b.Voter, b.N)
	case (b.Invalid == "") == (b.Choice.kind == none):
		return refuse("ballot_choice", "ballot of %s: want either a choice or the reason why it is invalid", b.Voter)
	case b.Invalid != "":
		return b.checkReason()
	}
	return b.checkChoice(r)
}

const maxRecord = 1<<53 - 1

func (b *Ballot) checkReason() error {
	if len(b.Invalid) > 64 || strings.Trim(b.Invalid, "abcdefghijklmnopqrstuvwxyz0123456789_:.") != "" {
		return refuse("invalid_reason", "ballot of %s: reason %.70q is not a code", b.Voter, b.Invalid)
	}
	return nil
}

// checkChoice guards against a choice that was read under the rules of another poll.
func (b *Ballot) checkChoice(r *Rules) error {
	c := &b.Choice
	if len(c.marks) > 0 && !sameOptions(c.options, r.Options) {
		return refuse("ballot_choice", "ballot of %s: its choice was read for a poll with other options", b.Voter)
	}
	if c.kind <= abstain && r.Method == YesNo {
		return nil // the million of them is most of the time of a large poll
	}
	err := r.checkKind(c.kind)
	if err == nil {
		err = r.checkLimits(c)
	}
	if err != nil {
		return refuse("ballot_choice", "ballot of %s: its choice was read under other rules: %v", b.Voter, err)
	}
	return nil
}

func sameOptions(a, b []string) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}
