package service

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"time"

	"kleroterion/randomness/beacon"
	"kleroterion/randomness/sortition/report"
)

// Service performs the use cases. It is safe for concurrent use and holds no state that a restart
// would lose.
type Service struct {
	Options
	box      ballotBox
	boards   boards
	replays  replays
	workings workings
	checking chan struct{} // who looks at quotas
	panels   shelf[*panel]
	reports  shelf[*report.Report]
	shown    shelf[shownJury]
}

// Options are what a Service works with. All are required unless a default is named.
type Options struct {
	Store         Store
	Chains        beacon.Chains // pinned chains, and the devchain where there is one
	DefaultChain  beacon.Hash   // for draws that name none
	Rounds        Rounds
	Publisher     Publisher
	Policy        []byte // policy.txt, with the log's key, as it goes into bundles
	Now           func() time.Time
	Entropy       io.Reader
	Lead          time.Duration // least time between opening a draw and its round; default 600 s
	RehearsalLead time.Duration // the same on a devchain; default 5 s
	Logger        *slog.Logger
	Version       string // of this program, written into bundles
	Receipts      Signer // the log's key, for receipts of ballots
	Origin        string // of the log
	Mailer        Mailer // sends invitations; nil: letters are printed
	Hook          Hook   // is told of public records; nil: nobody is
	URL           string // of the pages, as it stands in mails; "" when there is no mailer
}

// Signer signs bytes with the log's key; note.Signer does.
type Signer interface {
	Sign(message []byte) ([]byte, error)
}

// Rounds gives verified rounds; package relay does so over HTTP.
type Rounds interface {
	// Fetch makes one attempt to get exactly this round, verified. It never waits for a future round
	// and never returns another one.
	Fetch(ctx context.Context, chain beacon.Hash, round uint64) (b beacon.Beacon, source string, err error)
	// State tells what is known of a round: "", "due", "late" or "halted".
	State(chain beacon.Hash, round uint64) string
	// CheckClock fails when this machine's clock runs behind the chain.
	CheckClock(ctx context.Context, chain beacon.Hash) error
	Relays() []RelayStatus
}

// RelayStatus is how one relay does, for people and metrics.
type RelayStatus struct {
	URL          string
	Organisation string
	State        string // "ok", "failing" or "quarantined"
	LagRounds    int64
	Failures     int64 // answers that did not verify
	LastAnswer   int64 // Unix seconds, 0: none yet
}

// Publisher makes the log public; package publish does so in files.
type Publisher interface {
	// Kick asks for a checkpoint now rather than at the next interval.
	Kick()
	// Published returns once a published checkpoint covers the first size records.
	Published(ctx context.Context, size int64) error
}

const (
	defaultLead          = 600 * time.Second
	minimumLead          = 60 * time.Second
	defaultRehearsalLead = 5 * time.Second
	publishWait          = 20 * time.Second
)

// New checks the options and returns a Service.
func New(o Options) (*Service, error) {
	if o.Lead == 0 {
		o.Lead = defaultLead
	}
	if o.RehearsalLead == 0 {
		o.RehearsalLead = defaultRehearsalLead
	}
	if o.Lead < minimumLead {
		return nil, fmt.Errorf("lead of %s: a live draw needs at least %s between commitment and round", o.Lead, minimumLead)
	}
	if o.Store == nil || o.Rounds == nil || o.Publisher == nil || o.Now == nil || o.Entropy == nil || o.Logger == nil {
		return nil, errors.New("service options: Store, Rounds, Publisher, Now, Entropy and Logger are required")
	}
	return &Service{Options: o, checking: make(chan struct{}, 1)}, nil
}

// Ready fails while the service cannot do its work.
func (s *Service) Ready(ctx context.Context) error {
	return s.Store.Read(ctx, func(tx Tx) error { _, err := tx.LogHead(); return err })
}

// Counts returns the instance's figures, for metrics.
func (s *Service) Counts(ctx context.Context) (c Counts, head LogHead, err error) {
	err = s.Store.Read(ctx, func(tx Tx) error {
		if c, err = tx.Counts(s.now()); err != nil {
			return err
		}
		head, err = tx.LogHead()
		return err
	})
	return c, head, err
}

func (s *Service) now() int64 { return s.Now().Unix() }

// newID returns 32 hex digits that sort by time: 48 bits of Unix milliseconds, then 80 random bits.
func (s *Service) newID() (string, error) {
	var id [16]byte
	if _, err := io.ReadFull(s.Entropy, id[6:]); err != nil {
		return "", fmt.Errorf("entropy: %w", err)
	}
	ms := s.Now().UnixMilli()
	for i := range 6 {
		id[i] = byte(ms >> (40 - 8*i))
	}
	return hex.EncodeToString(id[:]), nil
}

// published waits until the log's first size records are public. The effect is already durable when
// this is called, so running out of time is not an error: the next checkpoint covers it.
func (s *Service) published(ctx context.Context, size int64) {
	s.Publisher.Kick()
	ctx, cancel := context.WithTimeout(ctx, publishWait)
	defer cancel()
	if err := s.Publisher.Published(ctx, size); err != nil {
		s.Logger.WarnContext(ctx, "checkpoint is late", "size", size, "error", err)
	}
}

// absent turns the store's ErrNotFound into the refusal that callers see, and passes other errors on.
func absent(err error, what string) error {
	if errors.Is(err, ErrNotFound) {
		return Refuse(KindNotFound, "not_found", "no such %s", what)
	}
	return err
}
