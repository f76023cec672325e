package serve

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"time"

	"kleroterion/api"
	"kleroterion/cmd/kleroterion/config"
	"kleroterion/randomness/beacon"
	"kleroterion/randomness/devchain"
	"kleroterion/randomness/relay"
	"kleroterion/service"
	"kleroterion/service/audit/checkpoint"
	"kleroterion/store"
	"kleroterion/store/publish"
)

const shutdownTime = 20 * time.Second

// World is what an instance takes from outside, so that tests can give it another.
type World struct {
	Now     func() time.Time
	Entropy io.Reader
	Logger  *slog.Logger
	Version string
}

// Instance is a running service.
type Instance struct {
	URL       string // where it listens
	OwnerLink string // one-time link for the first operator, "" once there is one
	VKey      string // the log's verifier key
	Service   *service.Service

	world     World
	db        *store.DB
	publisher *publish.Publisher
	dev       *dev
	server    *http.Server
	listen    net.Listener
	leave     func() error // gives up the mark on the data folder
	stop      context.CancelFunc
	done      chan error
}

// Devchain is the local chain, nil where there is none.
func (i *Instance) Devchain() *devchain.Network {
	if i.dev == nil {
		return nil
	}
	return i.dev.network
}

// Start starts a service with a checked configuration. Before it returns, the database is migrated,
// found to be no older than what was published, and requests are answered. The instance ends when
// ctx does.
func Start(ctx context.Context, c *config.Config, w World) (*Instance, error) {
	if err := errors.Join(os.MkdirAll(c.Data, 0o700), os.MkdirAll(c.PublicDir(), 0o755)); err != nil {
		return nil, fmt.Errorf("data folder: %w", err)
	}
	i := &Instance{world: w, done: make(chan error, 1)}
	err := i.assemble(ctx, c)
	if err == nil {
		err = i.publisher.Reconcile(ctx)
	}
	if err == nil {
		err = i.openDoor(ctx, c)
	}
	if err != nil {
		return nil, errors.Join(err, i.release())
	}
	i.run(ctx)
	return i, nil
}

// With opens the same parts without serving or working, for commands on the server itself, runs do
// and closes them. It may run beside a service.
func With(ctx context.Context, c *config.Config, w World, do func(*Instance) error) error {
	i := &Instance{world: w}
	err := i.assemble(ctx, c)
	if err == nil {
		err = i.publisher.Reconcile(ctx)
	}
	if err == nil {
		err = do(i)
	}
	return errors.Join(err, i.release())
}

// Rebuild writes the published files anew from the database. Lost or damaged files are what it is
// for; a database that contradicts what was published is refused as at a start.
func Rebuild(ctx context.Context, c *config.Config, w World) error {
	i := &Instance{world: w}
	err := i.assemble(ctx, c)
	if err == nil {
		err = i.publisher.Reconcile(ctx)
	}
	var refusal *publish.Refusal
	if err == nil || errors.As(err, &refusal) && refusal.Rule == publish.RuleDamagedTile {
		err = i.publisher.Rebuild(ctx)
	}
	return errors.Join(err, i.release())
}

// Publisher derives the published files.
func (i *Instance) Publisher() *publish.Publisher { return i.publisher }

// DB is the database.
func (i *Instance) DB() *store.DB { return i.db }

// assemble builds the parts in order. Each needs only those before it.
func (i *Instance) assemble(ctx context.Context, c *config.Config) (err error) {
	if i.leave, err = occupy(c.Data); err != nil {
		return err
	}
	chains, chain, err := i.openChains(c)
	if err != nil {
		return err
	}
	key, err := i.openLog(ctx, c)
	if err != nil {
		return err
	}
	client, err := relay.New(relay.Options{Relays: relays(c, i.devURL()), Chains: chains, Now: i.world.Now, Jitter: i.world.Entropy,
		Observe: observer(i.world.Logger)})
	if err != nil {
		return err
	}
	policy, err := checkpoint.LogPolicy(key.vkey)
	if err != nil {
		return err
	}
	i.VKey = key.vkey
	mailer, err := mailer(c)
	if err != nil {
		return err
	}
	i.Service, err = service.New(service.Options{Store: i.db, Chains: chains, DefaultChain: chain, Rounds: rounds{client},
		Publisher: i.publisher, Policy: []byte(policy.Text()), Now: i.world.Now, Entropy: i.world.Entropy, Lead: c.Lead,
		RehearsalLead: c.RehearsalLead, Logger: i.world.Logger, Version: i.world.Version,
		Receipts: key.signer, Origin: key.signer.Name(), Mailer: mailer, Hook: i.hook(c), URL: strings.TrimSuffix(c.PublicURL, "/")})
	return err
}

// openLog opens the database and finds or makes the log's key.
func (i *Instance) openLog(ctx context.Context, c *config.Config) (logKey, error) {
	var err error
	if i.db, err = store.Open(ctx, store.Options{URL: c.StoreURL(), Migrate: c.Migrate}); err != nil {
		return logKey{}, err
	}
	_, err = i.db.Instance(ctx)
	fresh := errors.Is(err, service.ErrNotFound)
	if err != nil && !fresh {
		return logKey{}, err
	}
	key, err := ensureKey(c.KeyFile(), c.Origin, fresh, i.world.Entropy)
	if err != nil {
		return logKey{}, err
	}
	if c.Origin != "" && c.Origin != key.signer.Name() {
		return logKey{}, fmt.Errorf("origin %s: the log's key is of %s, and a log never changes its name", c.Origin, key.signer.Name())
	}
	if err := i.db.KeepInstance(ctx, store.Instance{Origin: key.signer.Name(), VKey: key.vkey, CreatedAt: i.world.Now().Unix()}); err != nil {
		return logKey{}, err
	}
	i.publisher, err = publish.New(publish.Options{DB: i.db, Signer: key.signer, VKey: key.vkey, Dir: c.PublicDir(),
		Files: i.described(), Logger: i.world.Logger})
	if err != nil {
		return logKey{}, err
	}
	return key, nil
}

// openChains returns the known chains and the one for draws that name none.
func (i *Instance) openChains(c *config.Config) (beacon.Chains, beacon.Hash, error) {
	chains := beacon.Pinned()
	if c.Devchain {
		d, err := startDevchain(c, i.world.Now, i.world.Entropy)
		if err != nil {
			return chains, beacon.Hash{}, err
		}
		i.dev = d
		chains, err = chains.With(d.network.Chain())
		return chains, d.network.Chain().Hash, err
	}
	chain, ok := chains.ByName(c.Chain)
	if !ok {
		hash, err := beacon.ParseHash(c.Chain)
		if chain, ok = chains.Lookup(hash); err != nil || !ok {
			return chains, beacon.Hash{}, fmt.Errorf("chain %q is not known", c.Chain)
		}
	}
	return chains, chain.Hash, nil
}

func (i *Instance) devURL() string {
	if i.dev == nil {
		return ""
	}
	return i.dev.url
}

// openDoor takes the first operator's token or makes the owner link, and begins to listen.
func (i *Instance) openDoor(ctx context.Context, c *config.Config) error {
	if c.AdminToken != "" {
		if err := i.Service.EnsureOperator(ctx, c.AdminToken); err != nil {
			return err
		}
	}
	token, err := i.Service.OwnerLink(ctx)
	if err != nil {
		return err
	}
	handler, err := api.New(api.Options{Service: i.Service, Now: i.world.Now, Entropy: i.world.Entropy, Logger: i.world.Logger,
		PublicDir: c.PublicDir(), TempDir: c.Data, Version: i.world.Version, TrustedProxies: c.TrustedProxy,
		UploadLimit: c.UploadLimit, OpenMetrics: c.OpenMetrics, Stats: i.stats})
	if err != nil {
		return err
	}
	if i.listen, err = net.Listen("tcp", c.Listen); err != nil {
		return err
	}
	i.server = api.NewServer(c.Listen, handler)
	i.URL = "http://" + i.listen.Addr().String()
	if token != "" {
		i.OwnerLink = publicURL(c, i.URL) + "/setup/" + token
	}
	return nil
}

func publicURL(c *config.Config, local string) string {
	if c.PublicURL != "" {
		return c.PublicURL
	}
	return local
}

// run starts the parts. When ctx ends or one of them fails, HTTP stops first, so that what it has
// accepted can still be finished; then the workers; then the publisher, which makes public what is
// logged by then; the database last.
func (i *Instance) run(ctx context.Context) {
	ctx, i.stop = context.WithCancel(ctx)
	work, stopWork := context.WithCancel(context.WithoutCancel(ctx))
	var running sync.WaitGroup
	failed := make(chan error, 4)
	start := func(name string, part func() error) {
		running.Go(func() {
			if err := part(); err != nil && !errors.Is(err, http.ErrServerClosed) {
				failed <- fmt.Errorf("%s: %w", name, err)
				i.stop()
			}
		})
	}
	start("http", func() error { return i.server.Serve(i.listen) })
	start("worker", func() error { return i.Service.Run(work) })
	start("publisher", func() error { return i.publisher.Run(work) })
	if i.dev != nil {
		start("devchain", func() error { return i.dev.server.Serve(i.dev.listen) })
	}
	go func() {
		<-ctx.Done()
		err := i.shutHTTP()
		stopWork()
		running.Wait()
		close(failed)
		for e := range failed {
			err = errors.Join(err, e)
		}
		i.done <- errors.Join(err, i.db.Close(), i.leave())
	}()
}

func (i *Instance) shutHTTP() error {
	patience, cancel := context.WithTimeout(context.Background(), shutdownTime)
	defer cancel()
	err := i.server.Shutdown(patience)
	if i.dev != nil {
		err = errors.Join(err, i.dev.server.Shutdown(patience))
	}
	return err
}

// Wait returns when nothing of the instance runs any more.
func (i *Instance) Wait() error { return <-i.done }

// Stop ends the instance and waits for it.
func (i *Instance) Stop() error {
	i.stop()
	return i.Wait()
}

// release gives back what a start that failed had taken.
func (i *Instance) release() error {
	var err error
	if i.listen != nil {
		err = i.listen.Close()
	}
	if i.dev != nil {
		err = errors.Join(err, i.dev.listen.Close())
	}
	if i.db != nil {
		err = errors.Join(err, i.db.Close())
	}
	if i.leave != nil {
		err = errors.Join(err, i.leave())
	}
	return err
}
