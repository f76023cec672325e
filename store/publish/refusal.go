package publish

import "fmt"

// Rule names why a publisher refuses to go on.
type Rule string

// The rules of docs/spec/record.md, "Start".
const (
	ruleOlderDatabase Rule = "older_database" // published is more than the database has
	ruleOtherRoot     Rule = "other_root"     // another tree was published at that size
	ruleOtherKey      Rule = "other_key"      // the key is not the log's
	RuleDamagedTile   Rule = "damaged_tile"   // the newest tile does not follow from the records
	ruleDamagedLog    Rule = "damaged_log"    // the database contradicts itself
)

// hints say what to do.
var hints = map[Rule]string{
	ruleOlderDatabase: "the database is older than what was published; was a backup restored? Start it with a newer copy; if there is none, close this log and continue it under a new origin",
	ruleOtherRoot:     "the database has other records than were published; start the database that belongs to this directory; if it is lost, close this log and continue it under a new origin",
	ruleOtherKey:      "start with the key file that belongs to this database and directory",
	RuleDamagedTile:   "if the disk lost files, regenerate them with Rebuild",
	ruleDamagedLog:    "records or hashes in the database were changed or lost: restore the newest backup",
}

// Refusal is an error that no repetition will mend: publishing on would contradict what was published.
type Refusal struct {
	Rule   Rule
	Detail string
}

// Error gives the detail and what to do.
func (r *Refusal) Error() string {
	return fmt.Sprintf("%s: %s (%s)", r.Rule, r.Detail, hints[r.Rule])
}

func refuse(rule Rule, format string, args ...any) error {
	return &Refusal{Rule: rule, Detail: fmt.Sprintf(format, args...)}
}

func refuseOlder(published, have int64) error {
	return refuse(ruleOlderDatabase, "%d records are published, the database has %d", published, have)
}
