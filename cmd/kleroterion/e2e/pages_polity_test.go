package e2e

import (
	"context"
	"crypto/ed25519"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/webauthn"
	"github.com/chromedp/chromedp"

	core "kleroterion/service"
	"kleroterion/service/charter"
	"kleroterion/service/identity"
	"kleroterion/service/poll"
)

const commons = "commons-of-the-lower-river"

// How often a page is looked at, and how long it may take.
const shortly, long = 50 * time.Millisecond, 30 * time.Second

// riverside is a service with a drawn jury whose people are invited, and a community that has it.
type riverside struct {
	*service
	draw    string
	city    string
	letters []core.Letter
	steward core.Actor
	member  string // id of the one member
	key     ed25519.PrivateKey
}

func newRiverside(t *testing.T) *riverside {
	t.Helper()
	c := settings(t.TempDir())
	s := begin(t, c, &clock{})
	o := newOffice(t, s.URL, c.AdminToken, "lower-spire-on-the-river")
	drawn := o.open(o.frozen("residents", residents(t, 5, 400)), "riverside-park", s.clock.now())
	s.clock.passTo(drawn.DueAt)
	o.drawn(drawn.ID)
	p := &riverside{service: s, draw: drawn.ID, city: o.city, steward: core.Actor{KeyID: "steward", Role: core.RoleSteward, Community: commons}}
	p.member, p.key = fmt.Sprintf("%064x", 7), ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize))
	registrar := core.Actor{KeyID: "registrar", Role: core.RoleRegistrar, City: o.city}
	now := s.clock.now().Unix()
	got(s.Service.OpenSeats(t.Context(), registrar, core.NewJury{DrawID: p.draw, Answer: 7 * 24 * 3600, Starts: now, Ends: now + 90*24*3600, Deferral: true}))(t)
	p.letters = got(s.Service.Letters(t.Context(), registrar, p.draw, core.CodeAnswer, nil))(t)
	p.found(t)
	return p
}

// found adds the community, its charter and its member.
func (p *riverside) found(t *testing.T) {
	t.Helper()
	attester := ed25519.NewKeyFromSeed(append(make([]byte, ed25519.SeedSize-1), 1))
	d := got(p.Service.Draw(t.Context(), p.draw))(t)
	got(p.Service.AddCommunity(t.Context(), core.Actor{KeyID: "operator", Role: core.RoleOperator}, core.NewCommunity{Slug: commons, Name: "Commons of the Lower River"}))(t)
	c := charter.Example(commons, "Commons of the Lower River", d.Chain, []identity.Attester{{ID: "hall", Key: identity.Ed25519Key(attester.Public().(ed25519.PublicKey))}}, p.city)
	c.Ballot.Notice, c.Amendment.Delay, c.Chambers[1].Seats = 1, 0, 5
	text := got(c.Canonical())(t)
	got(p.Service.AdoptCharter(t.Context(), p.steward, commons, text))(t)
	key := identity.Ed25519Key(p.key.Public().(ed25519.PublicKey))
	admit := identity.Statement{Action: identity.ActionAdmit, Community: commons, Key: &key, Member: p.member, Seq: 1, V: 1}
	object := got(admit.Canonical())(t)
	got(p.Service.MoveMember(t.Context(), commons, charter.Move{Statement: admit, Attestations: []identity.Attestation{
		{Attester: "hall", Signature: identity.Sign(attester, identity.ThingStatement, object)}}}))(t)
}

// asked opens a poll for a while.
func (p *riverside) asked(t *testing.T, name string, q poll.Question) core.Poll {
	t.Helper()
	q.Name, q.Class, q.Closes = name, poll.ClassOrdinary, p.clock.now().Add(10*time.Minute).Unix()
	return got(p.Service.OpenPoll(t.Context(), p.steward, core.NewPoll{Community: commons, DrawID: p.draw, Question: q}))(t)
}

// counted moves the clock past the round and waits for the count.
func (p *riverside) counted(t *testing.T, id string) {
	t.Helper()
	v := got(p.Service.Poll(t.Context(), id))(t)
	p.clock.passTo(v.DueAt)
	await(t, time.Minute, "the count of poll "+id, func() bool {
		return got(p.Service.Poll(t.Context(), id))(t).State == core.PollCounted
	})
}

// keyFile is the member's key as the pages save one.
func (p *riverside) keyFile(t *testing.T) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "member.key")
	text := fmt.Sprintf(`{"key":{"alg":"ed25519","public":"%s"},"seed":"%s","voter":"members/%s"}`, hex.EncodeToString(p.key.Public().(ed25519.PublicKey)), hex.EncodeToString(p.key.Seed()), p.member)
	must(t, os.WriteFile(name, []byte(text), 0o600))
	return name
}

// withPasskeys gives the phone a platform authenticator that says yes.
func (p *phone) withPasskeys() {
	p.t.Helper()
	must(p.t, chromedp.Do(p.ctx, chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
		if _, err := cdp.Call(ctx, target, webauthn.Enable, webauthn.EnableParams{}); err != nil {
			return err
		}
		_, err := cdp.Call(ctx, target, webauthn.AddVirtualAuthenticator, webauthn.AddVirtualAuthenticatorParams{Options: &webauthn.VirtualAuthenticatorOptions{
			Protocol: "ctap2", Transport: "internal", HasResidentKey: true, HasUserVerification: true, IsUserVerified: true, AutomaticPresenceSimulation: true}})
		return err
	})))
}

// shown waits until an element can be seen, and fails with what the page says instead.
func (p *phone) shown(id string) {
	p.t.Helper()
	if !watch(p.t, shortly, long, func() bool { return ask[bool](p, `document.getElementById("`+id+`").offsetHeight > 0`) }) {
		p.t.Fatalf("#%s is not shown; the page says %q", id, ask[string](p, `document.querySelector("main").innerText`))
	}
}

// runs is fits for the pages that run a script: ours alone, under a policy that allows no other.
func (p *phone) runs(name string) {
	p.t.Helper()
	for what, holds := range map[string]string{
		"is no wider than the screen":    `document.documentElement.scrollWidth <= innerWidth && innerWidth <= 390`,
		"has one heading of level 1":     `document.querySelectorAll("h1").length === 1`,
		"loads nothing from elsewhere":   `performance.getEntriesByType("resource").every(r => new URL(r.name).origin === location.origin)`,
		"has one script, of its own":     `document.scripts.length === 1 && new URL(document.scripts[0].src).pathname.startsWith("/assets/")`,
		"has fields with labels":         `[...document.querySelectorAll("input:not([type=hidden]), select")].every(e => e.labels.length > 0)`,
		"has buttons that a finger hits": `[...document.querySelectorAll("button")].filter(e => e.offsetHeight > 0).every(e => e.offsetHeight >= 44)`,
	} {
		if !ask[bool](p, holds) {
			p.t.Errorf("%s: it does not hold that the page %s", name, what)
		}
	}
}

// contrast returns the texts whose colour is too close to what is behind them: less than 4.5 to 1, as WCAG
// 2.2 (1.4.3) counts it.
const contrast = `(() => {
  const rgb = c => c.match(/[\d.]+/g).map(Number);
  const light = c => { const [r, g, b] = rgb(c).map(v => (v /= 255) <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4); return .2126 * r + .7152 * g + .0722 * b; };
  const behind = e => { for (; e; e = e.parentElement) { const c = getComputedStyle(e).backgroundColor; if ((rgb(c)[3] ?? 1) > 0) return c; } return "rgb(255, 255, 255)"; };
  return [...document.querySelectorAll("body *")].filter(e => e.offsetHeight > 0 && !e.disabled && [...e.childNodes].some(n => n.nodeType === 3 && n.data.trim())).filter(e => {
    const [a, b] = [light(getComputedStyle(e).color), light(behind(e))];
    return (Math.max(a, b) + .05) / (Math.min(a, b) + .05) < 4.5;
  }).map(e => e.textContent.trim().slice(0, 40));
})()`

// legible looks at the colours by day and by night.
func (p *phone) legible(name string) {
	p.t.Helper()
	for _, scheme := range []string{"light", "dark"} {
		must(p.t, chromedp.Do(p.ctx, chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
			_, err := cdp.Call(ctx, target, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
				Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}})
			return err
		})))
		if ask[bool](p, `matchMedia("(prefers-color-scheme: dark)").matches`) != (scheme == "dark") {
			p.t.Fatalf("%s: the scheme is not %s", name, scheme)
		}
		if faint := ask[[]string](p, contrast); len(faint) > 0 {
			p.t.Errorf("%s, %s: too little contrast: %q", name, scheme, faint)
		}
	}
}
