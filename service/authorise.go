package service

import "slices"

// action is something an actor may or may not do.
type action string

const (
	addCities      action = "add cities"
	manageKeys     action = "manage keys"
	writeRegisters action = "write registers"
	readRegisters  action = "read registers that are not public yet"
	readResidents  action = "read residents' private rows"
	openDraws      action = "open and void draws"
	pasteBeacons   action = "paste beacons"
	readJobs       action = "read jobs"

	addCommunities action = "add communities"
	setPolicy      action = "set the city's policy"
	runSeats       action = "run seats"
	runCommunity   action = "adopt the first charter, open and void polls"
	runRounds      action = "run funding rounds"
)

// may is the whole of authorisation: the least that each role needs. An operator runs the machine
// and sees no resident; an auditor reads and changes nothing.
func (r Role) may(do action) bool {
	allowed := map[Role][]action{
		RoleOperator:  {addCities, manageKeys, readRegisters, pasteBeacons, readJobs, addCommunities, setPolicy},
		RoleRegistrar: {manageKeys, writeRegisters, readRegisters, readResidents, openDraws, pasteBeacons, readJobs, setPolicy, runSeats},
		RoleAuditor:   {readRegisters, readJobs},
		RoleSteward:   {manageKeys, runCommunity, runRounds, pasteBeacons},
	}
	return slices.Contains(allowed[r], do)
}

// authorise refuses an actor who may not do this in this city ("" where no city is concerned).
// Another city's things are absent, not forbidden: a key cannot be used to learn what others have.
func (a Actor) authorise(do action, city string) error {
	switch {
	case a.Role == "":
		return Refuse(KindUnauthorized, "key_required", "this needs an API key").
			WithHint("send Authorization: Bearer klr_… with a key that may " + string(do))
	case city != "" && a.Role != RoleOperator && a.City != city, a.Role == RoleSteward && city == "" && do == manageKeys:
		return Refuse(KindNotFound, "not_found", "no such resource")
	case !a.Role.may(do):
		return Refuse(KindForbidden, "role", "a key with the role %s may not %s", a.Role, do)
	}
	return nil
}

// authoriseIn is authorise for what belongs to a community.
func (a Actor) authoriseIn(do action, community string) error {
	if a.Role != "" && a.Role != RoleOperator && a.Community != community {
		return Refuse(KindNotFound, "not_found", "no such resource")
	}
	if a.Role == RoleSteward && a.Role.may(do) {
		return nil
	}
	return a.authorise(do, "")
}
