package e2e

import (
	"bytes"
	"encoding/hex"
	"strings"
	"testing"
	"time"

	"kleroterion/api/client"
	"kleroterion/randomness/beacon"
	"kleroterion/randomness/devchain"
	"kleroterion/randomness/sortition"
)

// stage is a service whose clock and relay a test turns, and a city with a frozen register.
type stage struct {
	*service
	*office
	auditor *auditor
	list    client.Register
}

func newStage(t *testing.T) *stage {
	t.Helper()
	s := begin(t, settings(t.TempDir()), &clock{})
	o := newOffice(t, s.URL, s.config.AdminToken, "spire")
	return &stage{s, o, newAuditor(t, s.VKey), o.frozen("residents", residents(t, 1, 300))}
}

// due opens a draw, lets the relay fail and moves on until the draw's round is due.
func (s *stage) due(decision string, fault devchain.Fault) client.Draw {
	s.t.Helper()
	d := s.open(s.list, decision, s.clock.now())
	s.Devchain().SetFault(fault)
	s.clock.passTo(d.DueAt)
	return d
}

// attempted waits until the service has asked for the round of a draw and does not have it.
func (s *stage) attempted(d client.Draw) {
	s.t.Helper()
	await(s.t, time.Minute, "an attempt at draw "+d.ID, func() bool {
		return strings.Contains(s.log.String(), `"msg":"round is not there","draw":"`+d.ID+`"`)
	})
}

// decided lets the relay serve again, waits for the draw and holds it against one's own computation.
func (s *stage) decided(d client.Draw) client.Draw {
	s.t.Helper()
	s.Devchain().SetFault(devchain.None)
	s.clock.forward(2 * time.Hour) // the end of any quarantine
	done := s.drawn(d.ID)
	s.sameAs(d, done)
	return done
}

// sameAs: a draw that was delayed is the draw that was opened, decided by the round of its manifest.
func (s *stage) sameAs(opened, done client.Draw) {
	s.t.Helper()
	if done.Round != opened.Round || done.Commit != opened.Commit || !bytes.Equal(done.Manifest, opened.Manifest) {
		s.t.Errorf("draw %s was opened as\n%+v\nand ended as\n%+v", opened.ID, opened, done)
	}
	if want := expected(s.t, s.operator, opened, s.Devchain().Sign); !bytes.Equal(done.Result, want) {
		s.t.Errorf("draw %s gave\n%s\nand its round gives\n%s", opened.ID, done.Result, want)
	}
	s.auditor.bundle(s.bundle(done.ID))
}

func TestARelayThatFailsDelaysADrawAndNeverChangesIt(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	for _, tt := range []struct {
		name  string
		fault devchain.Fault
	}{
		{"stale", devchain.Late(time.Hour)},
		{"halted", devchain.Halted},
		{"too-early", devchain.TooEarly425},
		{"broken", devchain.Error500},
		{"another-round", devchain.WrongRound},
		{"another-signature", devchain.WrongSignature},
		{"malleated", devchain.Malleated},
		{"stalling", devchain.Slow(time.Minute)},
	} {
		d := s.due(tt.name, tt.fault)
		s.attempted(d)
		now := s.draw(d.ID)
		if now.Status != client.DrawStatusDue && now.Status != client.DrawStatusLate && now.Status != client.DrawStatusHalted || len(now.Result) != 0 {
			t.Errorf("%s: the draw is %s with result %s, want it to wait", tt.name, now.Status, now.Result)
		}
		s.decided(d)
	}
	s.auditor.log(publicDir(s.config.Data))
}

func TestARelayThatLiesIsNamed(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	d := s.due("lies", devchain.WrongSignature)
	s.attempted(d)
	relays := got(s.operator.ListRelaysWithResponse(t.Context()))(t).JSON200.Items
	if len(relays) != 1 || relays[0].State != "quarantined" || relays[0].Failures == 0 {
		t.Errorf("relays are %+v, want the one quarantined for its lie", relays)
	}
	s.decided(d)
}

func TestAWrongRandomnessBesideARightSignatureIsNeverUsed(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	d := s.due("randomness", devchain.WrongRandomness)
	s.sameAs(d, s.drawn(d.ID))
}

func TestADrawOnAHaltedChainWaitsForItsOwnRound(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	d := s.due("halt", devchain.Halted)
	s.clock.forward(10 * time.Second) // beyond the five periods after which silence is a halt
	await(t, time.Minute, "the draw to be halted", func() bool { return s.draw(d.ID).Status == client.DrawStatusHalted })
	s.clock.forward(24 * time.Hour)
	await(t, time.Minute, "the draw to be halted a day later", func() bool { return s.draw(d.ID).Status == client.DrawStatusHalted })
	done := s.decided(d)
	if done.ClosedAt < d.DueAt+24*3600 {
		t.Errorf("the draw ended at %d, its round was published a day after %d", done.ClosedAt, d.DueAt)
	}
	s.auditor.log(publicDir(s.config.Data))
}

func TestAPastedBeaconPerformsADrawWhileTheRelayIsDown(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	d := s.due("paste", devchain.Error500)
	s.attempted(d)
	right := got(s.Devchain().Sign(uint64(d.Round)))(t)
	wrong := got(s.Devchain().Sign(uint64(d.Round) + 1))(t)
	paste := func(b beacon.Beacon) error {
		_, err := s.registrar.PasteBeaconWithResponse(t.Context(), nil, client.NewBeacon{Chain: d.Chain, Round: d.Round, Signature: hex.EncodeToString(b.Signature)})
		return err
	}
	if err := paste(wrong); !refused(err, "beacon_pairing") {
		t.Errorf("the signature of another round: %v", err)
	}
	must(t, paste(right))
	s.clock.forward(time.Minute) // the next attempt
	s.sameAs(d, s.drawn(d.ID))
	kept := got(s.operator.GetBeaconWithResponse(t.Context(), d.Chain, d.Round))(t).JSON200
	if kept.Source != "pasted" {
		t.Errorf("the beacon came from %s, want pasted", kept.Source)
	}
}

// TestNoDrawIsOpenedWithoutAFreshRound: what would prove that the manifest is not older is missing.
func TestNoDrawIsOpenedWithoutAFreshRound(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.clock.forward(2 * time.Hour)
	s.Devchain().SetFault(devchain.Error500)
	_, err := s.registrar.OpenDrawWithResponse(t.Context(), nil, s.simple(s.list, "blind", s.clock.now().Add(time.Minute)))
	if !refused(err, "beacon") {
		t.Errorf("without a relay: %v", err)
	}
	s.Devchain().SetFault(devchain.None)
	d := s.open(s.list, "blind", s.clock.now())
	if m := got(sortition.ParseManifest(d.Manifest))(t); m.NotBefore == nil || m.Seq != 1 {
		t.Errorf("the manifest is %s: want a not_before, and no trace of the refused one", d.Manifest)
	}
	s.clock.passTo(d.DueAt)
	s.sameAs(d, s.drawn(d.ID))
}
