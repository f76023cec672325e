package service

// JobKind names what a job does.
type JobKind string

// The kinds of jobs.
const (
	JobCheckRegister  JobKind = "register.check"  // read an upload, report, store nothing
	JobImportRegister JobKind = "register.import" // read an upload into a register
	JobFreezeRegister JobKind = "register.freeze" // sort, commit, log
	JobDraw           JobKind = "draw"            // fetch the round, draw, log
	JobHeartbeat      JobKind = "heartbeat"
	JobSeats          JobKind = "seats"      // deadlines and vacancies of a jury, by rule
	JobPoll           JobKind = "poll"       // close, fetch the round, open, count, log
	JobRound          JobKind = "round"      // close, wait for beacon and jury, match, log
	JobCorrection     JobKind = "correction" // match again under a list of corrections, log
	JobMail           JobKind = "mail"       // one invitation
	JobHook           JobKind = "hook"       // one public record to tell of
	JobLottery        JobKind = "lottery"    // compute a lottery over panels
)

// JobState is where a job stands.
type JobState string

// A pending job is due or leased; the other two are final.
const (
	JobPending JobState = "pending"
	JobDone    JobState = "done"
	JobFailed  JobState = "failed"
)

// Job is work that outlives the request that asked for it. A worker leases it; Fence grows with
// every lease, and a worker whose fence is old can no longer write, so a stalled one does no harm.
type Job struct {
	ID         string
	Kind       JobKind
	City       string
	Target     string // id of the register or draw
	DedupeKey  string // unique with Kind: the same work is queued once
	State      JobState
	RunAt      int64
	Step       string // what it is doing, for people
	Done       int64
	Total      int64
	Attempt    int64
	Fence      int64
	LeaseUntil int64
	Report     []byte // JSON for the caller; may hold personal data of a rejected row
	Error      string // code of the refusal, "" if none
	CreatedAt  int64
	FinishedAt int64
}
