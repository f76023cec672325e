package e2e

import (
	"bytes"
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"kleroterion/api/client"
	"kleroterion/cmd/kleroterion/cli"
)

const panelQuotas = `feature,value,min,max
age,16-29,2,3
age,30-44,2,4
age,45-59,3,4
age,60+,2,3
district,Harbour,3,5
district,Hillside,2,4
district,Market,2,3
district,Mill,1,2
district,Orchard,1,1
`

// command runs a command line against the site, as an official with a key file would, and returns what it
// printed.
func (s *site) command(t *testing.T, want int, args ...string) string {
	t.Helper()
	var out, said bytes.Buffer
	code := cli.Run(t.Context(), args, cli.Streams{In: strings.NewReader(""), Out: &out, Err: &said})
	if code != want {
		t.Fatalf("%v: exit code %d, want %d: %s%s", args, code, want, &out, &said)
	}
	return out.String() + said.String()
}

// panelDraw has the command line compute a lottery, and draws a panel of it.
func (s *site) panelDraw(t *testing.T) client.Draw {
	t.Helper()
	dir := t.TempDir()
	key := got(s.operator.AddKeyWithResponse(t.Context(), nil, client.NewKey{City: s.city, Role: client.NewKeyRoleRegistrar, Label: "command line"}))(t)
	for name, text := range map[string]string{
		"key": key.JSON201.Token + "\n", "categories.csv": panelQuotas, "contrary.csv": strings.Replace(panelQuotas, "Harbour,3,5", "Harbour,9,9", 1),
		"bad.csv": strings.Replace(panelQuotas, "16-29,2,3", "16-29,two,3", 1), "no-key": "secret",
	} {
		must(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600))
	}
	at := func(name string) string { return filepath.Join(dir, name) }
	who := []string{"--url", s.URL, "--key-file", at("key")}
	wanted := append([]string{"--register", s.open.Register, "--panel-size", "10", "--lottery", "100", "--one-per-household"}, who...)
	ask := func(want int, command string, more ...string) string {
		return s.command(t, want, append([]string{"lottery", command}, more...)...)
	}
	nearest := append([]string{"--categories", at("contrary.csv"), "--nearest", at("nearest.csv")}, wanted...)
	for want, said := range map[string]string{
		"Harbour": ask(1, "check", nearest...), `line 2 column "min"`: ask(2, "start", append([]string{"--categories", at("bad.csv")}, wanted...)...),
		"does not hold an API key": ask(2, "list", s.city, "--url", s.URL, "--key-file", at("no-key")),
		"all quotas":               ask(0, "check", append([]string{"--categories", at("nearest.csv")}, wanted...)...),
	} {
		if !strings.Contains(said, want) {
			t.Errorf("the command line does not say %q: %s", want, said)
		}
	}
	var l client.Lottery
	must(t, json.Unmarshal([]byte(ask(0, "start", append([]string{"--json", "--categories", at("categories.csv")}, wanted...)...)), &l))
	for _, said := range []string{ask(0, "show", append([]string{l.ID}, who...)...), ask(0, "list", append([]string{s.city}, who...)...)} {
		if !strings.Contains(said, l.ID) || !strings.Contains(said, "ready") {
			t.Errorf("the command line says of the lottery: %s", said)
		}
	}
	ask(0, "file", append([]string{l.ID, "--out", at("panels.json")}, who...)...)
	ask(2, "report", append([]string{l.ID, "--out", at("panels.json")}, who...)...)
	if table := ask(0, "report", append([]string{l.ID, "--format", "csv"}, who...)...); !strings.Contains(table, "lottery,,,panels,100") {
		t.Errorf("report: %.300s", table)
	}
	in := client.NewDraw{City: s.city, Decision: "a-panel-for-the-lower-bridge", Register: l.Register, Method: client.NewDrawMethodPanels, Lottery: l.ID,
		DrawTime: s.clock.now().Add(time.Minute).Unix(), Rehearsal: true}
	d := *got(s.registrar.OpenDrawWithResponse(t.Context(), nil, in))(t).JSON201
	s.clock.passTo(d.DueAt)
	d = (&office{t: t, operator: s.operator}).drawn(d.ID)
	now := s.clock.now().Unix()
	got(s.registrar.OpenSeatsWithResponse(t.Context(), d.ID, nil, client.NewJury{Answer: 7 * 24 * 3600, Starts: now, Ends: now + 90*24*3600}))(t)
	ask(1, "cancel", append([]string{l.ID}, who...)...) // a draw names it
	return d
}

// panelPages visits what a draw of panels shows, and its report, which is no page of ours but whole in
// itself.
func (s *site) panelPages(t *testing.T, p *phone, d client.Draw) {
	for path, wants := range map[string][]string{
		"/draws/" + d.ID:           {"a list of 100 panels", "The random number picked panel", d.Panel.Seats[9], "Proved"},
		"/draws/" + d.ID + "/jury": {"all quotas are met", "First offered to the person drawn for seat 10"},
		"/cities/" + s.city:        {"100 panels of 10 seats"},
	} {
		if status := p.visit(path); status != http.StatusOK {
			t.Errorf("%s answers %d", path, status)
		}
		p.fits(path, true)
		text := ask[string](p, `document.body.textContent.replace(/\s+/g, " ")`)
		for _, want := range wants {
			if !strings.Contains(text, want) {
				t.Errorf("%s does not say %q", path, want)
			}
		}
		p.quiet()
	}
	if status := p.visit("/v1/draws/" + d.ID + "/report.html"); status != http.StatusOK {
		t.Errorf("the report answers %d", status)
	}
	for what, holds := range map[string]string{
		"fits the screen":       `document.documentElement.scrollWidth <= 360`,
		"has its style":         `getComputedStyle(document.body).maxWidth !== "none"`,
		"says that it is fair":  `document.querySelector(".said").innerText.startsWith("Proved fair.")`,
		"has a picture":         `document.querySelector("svg").getBoundingClientRect().height > 50`,
		"needs nothing besides": `performance.getEntriesByType("resource").length === 0`,
	} {
		if !ask[bool](p, holds) {
			t.Errorf("it does not hold that the report %s", what)
		}
	}
	p.quiet()
}
