package verify

import "fmt"

// noRedraw is check 11: nobody drew until the outcome pleased. A void is fine while the outcome was
// still open; a draw after a result never is.
func (e *evidence) noRedraw() (string, error) {
	var texts []string
	for i, d := range e.draws {
		if d.result != nil && i+1 < len(e.draws) {
			return "", fmt.Errorf("%s has a result, and %s was opened after it: the decision was drawn again", d.name(), e.draws[i+1].name())
		}
		text, err := e.ending(d)
		if err != nil {
			return "", fmt.Errorf("%s: %w", d.name(), err)
		}
		texts = append(texts, text)
	}
	return fmt.Sprintf("%s for this decision: %s", plural(int64(len(e.draws)), "draw", "draws"), each(texts)), nil
}

func (e *evidence) ending(d *draw) (string, error) {
	switch {
	case d.result != nil:
		return d.name() + " has a result", nil
	case d.void == nil:
		return d.name() + " is open", nil
	case d.void.Late:
		return "", fmt.Errorf("voided after its round was due, when the outcome could be known; the reason given: %q", d.void.Reason)
	}
	seen, err := e.seenBy(d.ended)
	if err != nil {
		return "", err
	}
	if seen >= d.due {
		return "", fmt.Errorf("its void says that the round was not due, but a round of %s had been seen and its own was due %s; the reason given: %q",
			at(seen), at(d.due), d.void.Reason)
	}
	return fmt.Sprintf("%s was voided before its round was due: %q", d.name(), d.void.Reason), nil
}

// notShown is what no bundle can show, and what this one leaves open.
func (e *evidence) notShown() []string {
	list := []string{
		"that the log is complete and the same for everyone, and that nothing followed on this decision (kleroterion log verify)",
		"that the listed residents exist, that none is listed twice, and that nobody was left out",
		"that nobody who was drawn was refused",
		"anything about the people behind the ids",
	}
	if e.opts.Policy == nil {
		list = append(list, "that the log's key is the right one: the policy came with the bundle; bring your own with --policy or --log-key")
	}
	if !e.allWitnessedBefore() {
		list = append(list, "when the records were inserted into the log: no witness cosigned them before the round")
	}
	return append(list, e.lotteriesNotShown()...)
}

func (e *evidence) allWitnessedBefore() bool {
	for _, d := range e.draws {
		if e.witnessed.Complete == 0 || e.witnessed.Complete >= d.due {
			return false
		}
	}
	return len(e.draws) > 0
}
