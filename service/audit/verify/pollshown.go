package verify

// notShown is what no bundle of a poll can show, and what this one leaves open.
func (e *pollEvidence) notShown() []string {
	list := []string{
		"who the people behind the ids and seats are, and that each of them is one",
		"that they voted freely, unwatched and unpaid",
		"that no ballot was refused at the door without a receipt",
		"whether one person is both a member and a resident on the jury",
		"that the log is complete and the same for everyone (kleroterion log verify)",
		e.insertion(),
	}
	list = append(list, e.ownPolicy()...)
	if e.hasSeats() {
		list = append(list, "that the residents on the jury's register exist, and that nobody was left out or refused")
	}
	if len(e.polity.adopted) > 1 {
		list = append(list, "that earlier amendments were adopted by their polls: their own bundles show it")
	}
	if v := e.ending.void; v != nil && v.Late {
		list = append(list, "whether the closing round is missing from its time until now, which alone would excuse the void")
	}
	return list
}
