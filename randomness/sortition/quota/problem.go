package quota

// MaxCount bounds every number of seats in a quota, and the size of a panel.
const MaxCount = 1_000_000_000

// Quota bounds the seats of one panel for people with one value of a feature: at least Min, at most
// Max. MinFlex <= Min and MaxFlex >= Max say how far the bounds may be moved when the quotas cannot be
// met together; nil is no limit of their own (0, and the size of the panel).
type Quota struct {
	Feature, Value   string
	Min, Max         int64
	MinFlex, MaxFlex *int64
	Line             int // in the file it was read from; 0 for none
}

// Standing says what part a person has in the lottery.
type Standing int

// Candidates can be chosen. People seated hold a seat of the panel already: their seat counts for
// size and quotas, and nobody else of their household is chosen. People excluded have no part.
const (
	Candidate Standing = iota
	Seated
	Excluded
)

// Person is one person of the pool. Values has one value for each feature, in the order in which the
// quotas first name the features. People with the same Household are one household, from which a
// panel has one person at most; "" is a household of one's own.
type Person struct {
	ID        string
	Values    []string
	Household string
	Standing  Standing
	Line      int // in the file it was read from; 0 for none
}

// Problem is the input of the lottery, people gathered into types. A panel gives x[t] seats to type t,
// whole numbers with
//
//	0 <= x[t] <= Types[t].Cap                                    for every type
//	Rows[r].Min <= sum of x[t] over the types t in row r <= Rows[r].Max   for every row
//
// and every such x can be seated: any x[t] members of each type, one person per household (see
// [Class]). Nothing in a Problem may be changed once it is made.
type Problem struct {
	Size     int64     // seats to fill: the panel's size less the people seated
	Features []Feature // in the order in which the quotas first name them
	Rows     []Row     // the total, then one per quota in the order given, then one per mixed Class
	Types    []Type    // by Values, then by Class
	Classes  []Class   // of households with two candidates or more, by their vectors
	Seated   []string  // ids ascending
	Barred   []string  // ids ascending: candidates whose household has a seat already
}

// Feature is a feature with the values that quotas name, in their order; Rows[v] is the row of value v.
type Feature struct {
	Name   string
	Values []string
	Rows   []int
}

// RowKind says where a row comes from.
type RowKind int

// The total is row 0: Min and Max are the size. A quota row has the feature and value of a quota. A
// household row says that a class of households gives at most one seat for each household.
const (
	Total RowKind = iota
	OfQuota
	OfHouseholds
)

// Row bounds the seats of all types in it. Bounds of a quota are what is left of it after the Held seats
// of people seated: never below 0. MinFlex <= Min and Max <= MaxFlex are the limits within which quotas may be
// moved; on other rows they are Min and Max.
type Row struct {
	Kind             RowKind
	Feature, Value   string // of a quota
	Class            int    // of a household row: index in Classes
	Min, Max         int64
	MinFlex, MaxFlex int64
	Held             int64
}

// Type is a set of people whom nothing tells apart: same value of every feature, and households that
// look alike. A lottery can give them all the same probability.
type Type struct {
	Values  []int    // for each feature the index in Feature.Values
	Rows    []int    // the rows that count a seat of this type, once each: 0, one per feature, the household row
	Class   int      // index in Classes, -1 for people who are the only candidate of their household
	Cap     int64    // seats that one panel can give: len(Members), or the households of the class
	Members []string // ids ascending
}

// Class is all households whose candidates have the same multiset of vectors. Every household of it has
// a member of each of its types, therefore any seats that add up to len(Households) at most can be
// given to different households. Row is the row that says so, or -1 where the class has one type, whose
// Cap says it.
type Class struct {
	Types      []int // ascending
	Households []Household
	Row        int
}

// Household lists the candidates of one household: Members[i] has the ids, ascending, of those of type
// Class.Types[i]; never empty. Households of a class are in the order of their lowest id.
type Household struct {
	Members [][]string
}

// People is the number of candidates who take part in the lottery.
func (p *Problem) People() int64 {
	n := int64(0)
	for _, t := range p.Types {
		n += int64(len(t.Members))
	}
	return n
}
