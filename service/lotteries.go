package service

import (
	"kleroterion/randomness/beacon"
	"kleroterion/randomness/sortition/panels"
	"kleroterion/randomness/sortition/quota"
)

// LotteryState is where a lottery stands.
type LotteryState string

// The states of a lottery. From computing it goes to one of the others; a ready one that no draw has
// committed to can still be cancelled.
const (
	LotteryComputing LotteryState = "computing"
	LotteryReady     LotteryState = "ready"
	LotteryFailed    LotteryState = "failed"
	LotteryCancelled LotteryState = "cancelled"
)

// NewLottery asks for the fairest lottery over the panels that meet quotas (docs/spec/panels.md). Size and
// quotas are of the whole panel, the people who hold a seat already included.
type NewLottery struct {
	RegisterID      string
	Size            int64
	Quotas          []quota.Quota // of features that every entry of the register discloses
	OnePerHousehold bool
	Seated          []string // register ids, 64 hex, in any order: they hold a seat already
	Excluded        []string // register ids: they have no part
	Method          panels.Method
	Panels          int64 // equally likely; 0: 1,000
}

// Lottery is a list of equally likely panels: being computed, ready for a draw, or given up. It commits to
// nothing; a draw that names it does.
type Lottery struct {
	ID         string
	City       string
	RegisterID string
	State      LotteryState
	Terms      []byte // canonical JSON: the panel file without its certificate
	Method     panels.Method
	Panels     int64
	File       beacon.Hash // SHA-256 of the panel file; this and what follows once ready
	Bytes      int64
	Root       beacon.Hash
	Proved     bool   // no lottery whatever is fairer, see panels.Verdict
	Gap        string // "n/d"
	Lowest     int64  // the fewest panels that a candidate is on
	Highest    int64
	Job        string // id
	DrawID     string // the newest draw that committed to it: from then on it is public
	CreatedAt  int64
	ClosedAt   int64
	Version    int64
}

// QuotaCheck says whether quotas can be met, before anything is computed or stored.
type QuotaCheck struct {
	Problems      []string       `json:"problems"` // quotas that fail alone, whatever the others say
	Feasible      bool           `json:"feasible"`
	Conflict      string         `json:"conflict"` // quotas that cannot be met together, in words
	Nearest       []quota.Change `json:"nearest"`  // changes that make a panel possible
	NearestProved bool           `json:"nearest_proved"`
	Rigid         string         `json:"rigid"`     // why not even the flexible bounds allow a panel
	Never         []NeverSeated  `json:"never"`     // feasible quotas: who can never be chosen
	Undecided     []string       `json:"undecided"` // what the search did not decide
}

// NeverSeated are people with the same values whom no panel can seat.
type NeverSeated struct {
	Values map[string]string `json:"values"` // by feature
	People int64             `json:"people"`
	Why    string            `json:"why"`
}

// DrawnPanel is what a draw of method panels adds to its view.
type DrawnPanel struct {
	Number  int64    // which panel, from 0; -1 before the draw
	Count   int64    // panels in the lottery
	Seats   []string // register ids in the order of the panel's line; nil before the draw, and in lists of draws
	Seated  []string // register ids: held a seat before the lottery
	Lowest  int64    // the fewest panels that a candidate is on
	Highest int64
	Proved  bool
	Gap     string // "n/d"
}

// Balance says how far the people who hold or are offered a seat now are from the quotas: see
// alternates.Measure.
type Balance struct {
	Cost   int64 // thousandths
	Broken int64 // quotas that are not met
}
