package service

import (
	"context"
	"errors"
	"regexp"
	"strings"
	"time"

	"kleroterion/randomness/beacon"
	"kleroterion/randomness/register"
	"kleroterion/randomness/sortition"
	"kleroterion/service/audit"
)

// NewDraw is a request for a draw. The subject, sequence, round and commitment follow from it by
// rule: nobody chooses them.
type NewDraw struct {
	City            string
	Decision        string // what the jury decides; with the city it names the subject
	RegisterID      string
	Method          sortition.Method
	StrataBy        []string
	Strata          []sortition.Stratum
	OnePerHousehold bool
	DrawTime        int64
	Chain           string // name or hash; "" for the default
	Rehearsal       bool
	Lottery         string // method panels: id of a ready lottery of the register, which says the rest
}

var decisionForm = regexp.MustCompile(`^[a-z0-9][a-z0-9._-]*(/[a-z0-9][a-z0-9._-]*)*$`)

// OpenDraw commits to a draw: the manifest is checked against the rules of docs/spec/draw.md and
// against the register, logged, and published before the call returns. From then on the outcome
// depends on the round alone.
func (s *Service) OpenDraw(ctx context.Context, a Actor, in NewDraw) (Draw, error) {
	if err := a.authorise(openDraws, in.City); err != nil {
		return Draw{}, err
	}
	if d, done, err := replay[Draw](ctx, s, a); done || err != nil {
		return d, s.settled(ctx, err)
	}
	p, err := s.prepare(ctx, a, in)
	if err != nil {
		return Draw{}, err
	}
	id, err := s.newID()
	if err != nil {
		return Draw{}, err
	}
	d, err := once(ctx, s, a, func(tx Tx) (d Draw, err error) {
		if err := alone(tx, in.City); err != nil {
			return Draw{}, err
		}
		d, _, err = s.open(tx, p, Draw{ID: id, City: in.City, RegisterID: in.RegisterID, LotteryID: in.Lottery}, nil)
		return d, err
	})
	return d, s.settled(ctx, err)
}

// alone refuses a draw by one official where the city asks for two.
func alone(tx Tx, city string) error {
	c, err := tx.City(city)
	if err != nil {
		return absent(err, "city")
	}
	if c.approvals() > 1 {
		return Refuse(KindConflict, "approval_required", "draws of %s need two officials", c.Name).
			WithHint("POST /v1/proposals with the same request; another official approves it")
	}
	return nil
}

// settled waits until everything that is logged is public, also for a repeated request: the process
// that served the first one may have died between its commit and the checkpoint.
func (s *Service) settled(ctx context.Context, err error) error {
	if err != nil {
		return err
	}
	head, err := s.LogHead(ctx)
	if err == nil {
		s.published(ctx, head.Size)
	}
	return err
}

// prepared is a draw that may be opened.
type prepared struct {
	chain    *beacon.Chain
	manifest sortition.Manifest // but for seq and prev
	file     []byte             // of method panels: checked, and the manifest's
}

// prepare does what needs the network or the whole register: it fetches a recent round, checks the
// clock, the register and the panel file.
func (s *Service) prepare(ctx context.Context, a Actor, in NewDraw) (p prepared, err error) {
	if err := in.checkDecision(); err != nil {
		return p, err
	}
	if p.chain, err = s.chain(in.Chain); err != nil {
		return p, err
	}
	reg, err := s.Register(ctx, a, in.RegisterID)
	if err != nil {
		return p, err
	}
	if reg.City != in.City || reg.State != RegisterFrozen {
		return p, Refuse(KindInvalid, "register_unknown", "the city has no frozen register %.40s", in.RegisterID).
			WithHint("freeze the register first")
	}
	m := in.manifest(p.chain, reg)
	if p.file, err = s.chooseLottery(ctx, in, m); err != nil {
		return p, err
	}
	if err := s.checkManifest(p.chain, m); err != nil {
		return p, err
	}
	if m.NotBefore, err = s.recent(ctx, p.chain); err != nil {
		return p, err
	}
	list, err := s.load(ctx, reg)
	if err != nil {
		return p, err
	}
	p.manifest = *m
	return p, firstOf(refused(m.CheckRegister(list)), p.checkFile(list))
}

func (in NewDraw) checkDecision() error {
	if len(in.Decision) > 100 || !decisionForm.MatchString(in.Decision) {
		return Refuse(KindInvalid, "subject_form", "decision %.40q is not lower-case segments joined by / of at most 100 bytes", in.Decision)
	}
	if in.Decision == seatsName || strings.HasSuffix(in.Decision, "/"+seatsName) {
		return Refuse(KindInvalid, "subject_form", "decision %.40q ends in %s, which names the seats of a draw", in.Decision, seatsName)
	}
	return nil
}

func (in NewDraw) manifest(chain *beacon.Chain, reg Register) *sortition.Manifest {
	round, err := chain.FirstRoundAtOrAfter(in.DrawTime)
	if err != nil {
		round = 0 // refused by checkManifest, with the rule
	}
	return &sortition.Manifest{
		V: 1, Draw: citySubject(in.City) + "/jury/" + in.Decision, Seq: 1,
		Register: sortition.RegisterRef{Root: reg.Root, Size: reg.Rows},
		Method:   in.Method, StrataBy: in.StrataBy, Strata: in.Strata, OnePerHousehold: in.OnePerHousehold,
		DrawTime: in.DrawTime, Rehearsal: in.Rehearsal, Beacon: sortition.Round{Chain: chain.Hash, Round: round},
	}
}

// checkManifest applies the rules that need neither register nor network.
func (s *Service) checkManifest(chain *beacon.Chain, m *sortition.Manifest) error {
	if err := m.CheckRound(chain); err != nil {
		return refused(err)
	}
	if err := m.CheckLead(chain, s.Now(), s.leadOn(chain)); err != nil {
		return refused(err)
	}
	return refused(m.CheckForm())
}

func (s *Service) leadOn(chain *beacon.Chain) time.Duration {
	if chain.Status == beacon.StatusDev {
		return s.RehearsalLead
	}
	return s.Lead
}

// chain finds a chain by name or hash.
func (s *Service) chain(name string) (*beacon.Chain, error) {
	hash, err := beacon.ParseHash(name)
	if name == "" {
		hash, err = s.DefaultChain, nil
	}
	if err == nil {
		if c, ok := s.Chains.Lookup(hash); ok {
			return c, nil
		}
	}
	if c, ok := s.Chains.ByName(name); ok {
		return c, nil
	}
	return nil, Refuse(KindInvalid, "chain_unknown", "no chain %.70q", name).WithHint("GET /v1/chains lists the chains")
}

// recent returns a fresh verified round as proof that the manifest is not older.
func (s *Service) recent(ctx context.Context, chain *beacon.Chain) (*sortition.NotBefore, error) {
	if err := s.Rounds.CheckClock(ctx, chain.Hash); err != nil {
		return nil, Refuse(KindUnavailable, "clock", "the clock: %v", err).
			WithHint("set this machine's clock: a clock behind the chain could accept a round that is already known")
	}
	b, err := s.newest(ctx, chain)
	if err != nil {
		return nil, Refuse(KindUnavailable, "beacon", "no recent round of chain %s: %v", chain.Name, err).
			WithHint("check the relays at /v1/relays, or paste a recent beacon")
	}
	return &sortition.NotBefore{Round: b.Round, Signature: b.Signature, Previous: b.Previous}, nil
}

// open writes draw, job, record and the panel file in the caller's transaction. approved are the ids of two officials'
// keys, or nil.
func (s *Service) open(tx Tx, p prepared, d Draw, approved []string) (Draw, LogEntry, error) {
	chain, m := p.chain, p.manifest
	if err := firstOf(follow(tx, &m), p.commitLottery(tx, d)); err != nil {
		return Draw{}, LogEntry{}, err
	}
	if err := s.checkManifest(chain, &m); err != nil {
		return Draw{}, LogEntry{}, err
	}
	manifest, err := m.Canonical()
	if err != nil {
		return Draw{}, LogEntry{}, err
	}
	due, err := chain.TimeOf(m.Beacon.Round)
	if err != nil {
		return Draw{}, LogEntry{}, err
	}
	d.Subject, d.Seq, d.State, d.Manifest, d.Commit = m.Draw, m.Seq, DrawOpen, manifest, sortition.CommitBytes(manifest)
	d.Chain, d.Round, d.DrawTime, d.DueAt, d.Rehearsal = chain.Hash, m.Beacon.Round, m.DrawTime, due, m.Rehearsal
	d.OpenedAt, d.Version = s.now(), 1
	if err := tx.AddDraw(d); err != nil {
		return Draw{}, LogEntry{}, err
	}
	job := Job{ID: "draw-" + d.ID, Kind: JobDraw, City: d.City, Target: d.ID, DedupeKey: d.ID, State: JobPending,
		Step: "scheduled", RunAt: due, CreatedAt: s.now()}
	if err := tx.AddJob(job); err != nil {
		return Draw{}, LogEntry{}, err
	}
	entry, err := s.append(tx, audit.KindDrawOpen, d.Subject, audit.DrawOpen{Manifest: manifest, Commit: d.Commit, Approved: approved})
	return d, entry, err
}

// follow sets seq and prev after the draws that the subject has, the last of which must be over.
func follow(tx Tx, m *sortition.Manifest) error {
	earlier, err := tx.DrawsOf(m.Draw)
	if err != nil || len(earlier) == 0 {
		return err
	}
	last := earlier[len(earlier)-1]
	switch last.State {
	case DrawOpen:
		return Refuse(KindConflict, "draw_open", "draw %d for this decision is open", last.Seq).
			WithHint("wait for its result, or void it with a reason")
	case DrawDrawn:
		return Refuse(KindConflict, "draw_done", "draw %d for this decision has a result, and a result is never replaced", last.Seq).
			WithHint("alternates fill empty seats; another jury is another decision")
	}
	m.Seq, m.Prev = last.Seq+1, last.Commit
	return nil
}

// refused turns a rule's refusal into an Error with the rule's code.
func refused(err error) error {
	var r *sortition.Refusal
	var l *register.Refusal
	switch {
	case errors.As(err, &r):
		return Refuse(KindInvalid, r.Code, "%s", r.Message)
	case errors.As(err, &l):
		return Refuse(KindInvalid, l.Rule, "%v", l)
	default:
		return err
	}
}
