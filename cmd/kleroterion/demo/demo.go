package demo

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"kleroterion/cmd/kleroterion/config"
	"kleroterion/cmd/kleroterion/serve"
	"kleroterion/cmd/kleroterion/town"
	"kleroterion/randomness/sortition"
	"kleroterion/service"
)

// Options of the story.
type Options struct {
	Dir       string // empty folder, made if it is missing
	Residents int
	Seats     int64
	Members   int           // of the community that votes
	Wait      time.Duration // between the commitment and the round
	Stay      bool          // leave the service running until the context ends
	World     serve.World
	Config    config.Config
	Progress  func(what string, done, total int64) // may be nil
}

// story is a run of the demonstration.
type story struct {
	Options
	ctx       context.Context
	out       io.Writer
	step      int
	instance  *serve.Instance
	registrar service.Actor
	register  service.Register
	draw      service.Draw
	voters    []voter
	poll      service.Poll
	round     service.RoundView
}

// ErrFolder says that the folder of the story is not an empty one.
var ErrFolder = errors.New("folder is not empty")

const citySlug = "demo"

// Run tells the story to w. It returns an error as soon as something is not as it should be.
func Run(ctx context.Context, w io.Writer, o Options) error {
	s := &story{Options: o, ctx: ctx, out: w}
	if err := s.prepare(); err != nil {
		return err
	}
	err := s.tell()
	if err == nil && o.Stay {
		s.say("\nThe service stays up at %s (Ctrl-C stops it).", s.instance.URL)
		s.say("Its folder is %s. Become its operator: %s", o.Dir, s.instance.OwnerLink)
		return s.instance.Wait()
	}
	if stopped := s.instance.Stop(); err == nil {
		err = stopped
	}
	return err
}

func (s *story) tell() error {
	for _, chapter := range []func() error{s.foundTown, s.freeze, s.commit, s.await, s.showJury, s.prove, s.tamper,
		s.seatJury, s.foundCommons, s.openPoll, s.count, s.provePoll,
		s.openRound, s.match, s.correct, s.proveRound} {
		if err := chapter(); err != nil {
			return err
		}
	}
	return nil
}

// prepare starts a real service with a devchain in the folder.
func (s *story) prepare() error {
	if err := os.MkdirAll(s.Dir, 0o700); err != nil {
		return err
	}
	if left, err := os.ReadDir(s.Dir); err != nil || len(left) > 0 {
		return fmt.Errorf("%s: %w", s.Dir, errors.Join(ErrFolder, err))
	}
	s.Config.Data, s.Config.Devchain = filepath.Join(s.Dir, "data"), true
	var err error
	if s.instance, err = serve.Start(s.ctx, &s.Config, s.World); err != nil {
		return err
	}
	s.say("kleroterion demo: a REHEARSAL on a chain of this machine. The draw is real in all but that.")
	return nil
}

func (s *story) say(format string, args ...any) { fmt.Fprintf(s.out, format+"\n", args...) }

// chapter begins the next numbered part.
func (s *story) chapter(format string, args ...any) {
	s.step++
	s.say("\n%d. %s", s.step, fmt.Sprintf(format, args...))
}

func (s *story) csv() string { return filepath.Join(s.Dir, "residents.csv") }

// foundTown writes the list as a residents' office would have it.
func (s *story) foundTown() error {
	var seed [32]byte
	if _, err := rand.Read(seed[:]); err != nil {
		return err
	}
	f, err := os.OpenFile(s.csv(), os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	if err := town.Write(f, seed, s.Residents); err != nil {
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	s.chapter("A town of %s residents. Its office has them in %s", thousands(int64(s.Residents)), s.csv())
	return nil
}

// freeze imports the list and commits to it.
func (s *story) freeze() error {
	operator := service.Actor{KeyID: "demo", Role: service.RoleOperator}
	if _, err := s.instance.Service.AddCity(s.ctx, operator, service.NewCity{Slug: citySlug, Name: "Demo town"}); err != nil {
		return err
	}
	s.registrar = service.Actor{KeyID: "demo", Role: service.RoleRegistrar, City: citySlug}
	reg, err := s.instance.Service.AddRegister(s.ctx, s.registrar, service.NewRegister{City: citySlug, Name: "residents", Mapping: []byte(town.Mapping)})
	if err != nil {
		return err
	}
	f, err := os.Open(s.csv())
	if err != nil {
		return err
	}
	defer f.Close()
	job, err := s.instance.Service.Upload(s.ctx, s.registrar, reg.ID, false, f)
	if err != nil {
		return err
	}
	if err := s.follow(job.ID); err != nil {
		return err
	}
	// In a very small town some groups are small; the law of this town lets them be published.
	if job, err = s.instance.Service.FreezeRegister(s.ctx, s.registrar, reg.ID, service.Freeze{PublishSmallCells: true}); err != nil {
		return err
	}
	if err := s.follow(job.ID); err != nil {
		return err
	}
	s.register, err = s.instance.Service.Register(s.ctx, s.registrar, reg.ID)
	s.chapter("The city freezes the list and commits to it in the public log")
	s.say("   entries  %s, by salted commitment: no names, no addresses", thousands(s.register.Rows))
	s.say("   root     %s", s.register.Root)
	return err
}

// follow waits for a job and shows how far it is.
func (s *story) follow(id string) error {
	for {
		job, err := s.instance.Service.Job(s.ctx, s.registrar, id)
		if err != nil {
			return err
		}
		if s.Progress != nil {
			s.Progress(job.Step, job.Done, job.Total)
		}
		switch job.State {
		case service.JobDone:
			return nil
		case service.JobFailed:
			return fmt.Errorf("job %s was refused: %s %s", job.Kind, job.Error, job.Report)
		}
		if err := s.pause(100 * time.Millisecond); err != nil {
			return err
		}
	}
}

func (s *story) pause(d time.Duration) error {
	select {
	case <-s.ctx.Done():
		return s.ctx.Err()
	case <-time.After(d):
		return nil
	}
}

// commit opens the draw: seats go to the strata in proportion to their people.
func (s *story) commit() error {
	strata, err := s.apportion()
	if err != nil {
		return err
	}
	s.draw, err = s.instance.Service.OpenDraw(s.ctx, s.registrar, service.NewDraw{City: citySlug, Decision: "riverside-park", RegisterID: s.register.ID,
		Method: sortition.Strata, StrataBy: []string{"district", "age"}, Strata: strata, OnePerHousehold: true,
		DrawTime: s.World.Now().Add(s.Wait).Unix(), Rehearsal: true})
	if err != nil {
		return err
	}
	s.chapter("The draw is committed before its randomness exists")
	s.say("   decision %s", s.draw.Subject)
	s.say("   seats    %d and as many alternates, in %d strata (district and age), one per household", s.Seats, len(strata))
	s.say("   commit   %s", s.draw.Commit)
	s.say("   round    %d, due %s: the first one after the draw time, by rule", s.draw.Round, time.Unix(s.draw.DueAt, 0).UTC().Format(time.TimeOnly))
	return nil
}

// await counts down to the round and waits for the scheduler to draw.
func (s *story) await() error {
	s.chapter("A public round decides")
	for {
		v, err := s.instance.Service.Draw(s.ctx, s.draw.ID)
		if err != nil {
			return err
		}
		if v.State == service.DrawDrawn {
			s.draw = v.Draw
			break
		}
		if s.Progress != nil {
			wait := int64(s.Wait / time.Second)
			s.Progress("waiting for the round", wait-max(s.draw.DueAt-s.World.Now().Unix(), 0), wait)
		}
		if err := s.pause(200 * time.Millisecond); err != nil {
			return err
		}
	}
	b, err := s.instance.Service.Beacon(s.ctx, s.draw.Chain, s.draw.Round)
	if err != nil {
		return err
	}
	s.say("   round %d is there and its signature verifies: %x…", b.Round, b.Signature[:16])
	return nil
}
