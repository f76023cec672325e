package service_test

import (
	"archive/zip"
	"bytes"
	"io"
	"strings"
	"testing"

	"kleroterion/randomness/beacon"
	"kleroterion/randomness/devchain"
	"kleroterion/randomness/register"
	"kleroterion/service"
	"kleroterion/service/audit/checkpoint"
)

func TestExportHoldsEverythingPublicAndNoNames(t *testing.T) {
	w := newWorld(t)
	d := w.opened("export")
	w.clock.Store(d.DueAt + 5)
	w.work()
	var file bytes.Buffer
	must(t, w.Export(t.Context(), "example", &file))
	z, err := zip.NewReader(bytes.NewReader(file.Bytes()), int64(file.Len()))
	must(t, err)
	lines := map[string]int{}
	for _, f := range z.File {
		r, err := f.Open()
		must(t, err)
		b, err := io.ReadAll(r)
		must(t, err)
		lines[f.Name] = bytes.Count(b, []byte("\n"))
		if bytes.Contains(b, []byte("Name A")) || bytes.Contains(b, []byte("Long Road")) {
			t.Errorf("%s holds personal data", f.Name)
		}
	}
	// city.add, register.commit, draw.open and draw.result; a header and one row each.
	if lines["log.jsonl"] != 4 || lines["draws.csv"] != 2 || lines["registers.csv"] != 2 || lines["places.csv"] < 7 {
		t.Errorf("got %v lines", lines)
	}
	wantRefusal(t, w.Export(t.Context(), "nowhere", io.Discard), service.KindNotFound, "not_found")
}

func TestLogProofsVerifyUnderTheLogsKey(t *testing.T) {
	w := newWorld(t)
	d := w.opened("proof")
	policy, err := checkpoint.LogPolicy(w.vkey)
	must(t, err)
	entries, err := w.SubjectEntries(t.Context(), d.Subject)
	must(t, err)
	text, err := w.LogProof(t.Context(), entries[0].Seq)
	must(t, err)
	proof, err := checkpoint.ParseProof(text)
	must(t, err)
	if _, err := proof.Verify(entries[0].Record, policy); err != nil {
		t.Errorf("the record's proof: %v", err)
	}
	if _, err := proof.Verify(append(entries[0].Record, ' '), policy); err == nil {
		t.Error("the proof also proves other bytes")
	}
	_, err = w.LogProof(t.Context(), 1000)
	wantRefusal(t, err, service.KindNotFound, "not_found")
}

func TestPastedBeaconDecidesADrawWhileRelaysAreDown(t *testing.T) {
	w := newWorld(t)
	d := w.opened("pasted")
	w.network.SetFault(devchain.Error500)
	w.clock.Store(d.DueAt + 5)
	w.work()
	b, err := w.network.Sign(d.Round)
	must(t, err)
	other, err := w.network.Sign(d.Round - 1)
	must(t, err)
	other.Round = d.Round
	_, err = w.PasteBeacon(t.Context(), w.operator, d.Chain, other)
	wantRefusal(t, err, service.KindInvalid, "beacon_pairing")
	_, err = w.PasteBeacon(t.Context(), service.Actor{}, d.Chain, b)
	wantRefusal(t, err, service.KindUnauthorized, "key_required")
	_, err = w.PasteBeacon(t.Context(), w.operator, beacon.Hash{}, b)
	wantRefusal(t, err, service.KindInvalid, "chain_unknown")
	kept, err := w.PasteBeacon(t.Context(), w.operator, d.Chain, b)
	must(t, err)
	if kept.Source != "pasted" {
		t.Errorf("source %q", kept.Source)
	}
	if v, err := w.Draw(t.Context(), d.ID); err != nil || v.Status != "verified" {
		t.Errorf("status %s, %v, want verified", v.Status, err)
	}
	w.clock.Add(60)
	w.work()
	if v, err := w.Draw(t.Context(), d.ID); err != nil || v.State != service.DrawDrawn {
		t.Errorf("draw is %s, %v", v.State, err)
	}
}

func TestRelayThatLiesDelaysADrawAndNeverChangesIt(t *testing.T) {
	for name, fault := range map[string]devchain.Fault{
		"wrong round": devchain.WrongRound, "wrong signature": devchain.WrongSignature, "malleated": devchain.Malleated,
		"too early": devchain.TooEarly425, "down": devchain.Error500, "stale": devchain.Halted,
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			d := w.opened("lie")
			w.network.SetFault(fault)
			w.clock.Store(d.DueAt + 5)
			w.work()
			if v, err := w.Draw(t.Context(), d.ID); err != nil || v.State != service.DrawOpen {
				t.Fatalf("draw is %s, %v", v.State, err)
			}
			w.network.SetFault(devchain.None)
			w.clock.Add(2 * 3600) // a relay that lied is asked again later
			w.work()
			v, err := w.Draw(t.Context(), d.ID)
			must(t, err)
			if report := w.verified(d.ID); v.State != service.DrawDrawn || !report.OK {
				t.Errorf("draw is %s, bundle %+v", v.State, report.Checks)
			}
		})
	}
}

func TestRegisterFileIsTheOneCommittedTo(t *testing.T) {
	w := newWorld(t)
	reg := w.frozen("list")
	var file bytes.Buffer
	n, err := w.RegisterFile(t.Context(), reg.Root, &file)
	must(t, err)
	r, err := register.Read(&file)
	must(t, err)
	if n != reg.Bytes || r.Root() != reg.Root || int64(r.Size()) != reg.Rows || r.FileSHA256() != reg.File {
		t.Errorf("file of %d bytes, root %x; committed %d, %s", n, r.Root(), reg.Bytes, reg.Root)
	}
	_, err = w.RegisterFile(t.Context(), beacon.Hash{1}, io.Discard)
	wantRefusal(t, err, service.KindNotFound, "not_found")
}

func TestRegistersAreSeenOnlyByTheirCityUntilFrozen(t *testing.T) {
	w := newWorld(t)
	draft := w.imported("draft", residents())
	if _, err := w.Register(t.Context(), service.Actor{}, draft.ID); service.KindOf(err) != service.KindNotFound {
		t.Errorf("a stranger sees a draft: %v", err)
	}
	if _, err := w.Register(t.Context(), w.stranger, draft.ID); service.KindOf(err) != service.KindNotFound {
		t.Errorf("another city sees a draft: %v", err)
	}
	frozen := w.frozen("frozen")
	list, err := w.Registers(t.Context(), service.Actor{}, "example", service.Window{Limit: 10})
	must(t, err)
	if len(list) != 1 || list[0].ID != frozen.ID || list[0].Report != nil || list[0].Key != [32]byte{} {
		t.Errorf("a stranger sees %+v", list)
	}
}

func TestUploadRefusals(t *testing.T) {
	w := newWorld(t)
	for name, in := range map[string]service.NewRegister{
		"name_form": {City: "example", Name: "No Good"},
		"k":         {City: "example", Name: "k", K: -1},
		"mapping":   {City: "example", Name: "m", Mapping: []byte(`{"person":"id","extra":1}`)},
	} {
		_, err := w.AddRegister(t.Context(), w.registrar, in)
		wantRefusal(t, err, service.KindInvalid, name)
	}
	reg := w.imported("once", residents())
	_, err := w.AddRegister(t.Context(), w.registrar, service.NewRegister{City: "example", Name: "once"})
	wantRefusal(t, err, service.KindConflict, "register_exists")
	if _, err := w.Upload(t.Context(), w.registrar, reg.ID, false, io.MultiReader(strings.NewReader("id,"), broken{})); err == nil {
		t.Error("an upload that broke off is accepted")
	}
	again, err := w.Register(t.Context(), w.registrar, reg.ID)
	must(t, err)
	if again.State != service.RegisterImported || again.Rows != reg.Rows {
		t.Errorf("a broken upload left the register %s with %d rows", again.State, again.Rows)
	}
}

// broken is a connection that fails.
type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, io.ErrClosedPipe }

func TestRegisterWithoutFeaturesFreezes(t *testing.T) {
	w := newWorld(t)
	reg, err := w.AddRegister(t.Context(), w.registrar, service.NewRegister{City: "example", Name: "bare",
		Mapping: []byte(`{"person":"id","name":["name"],"address":["address"],"features":[]}`)})
	must(t, err)
	_, err = w.Upload(t.Context(), w.registrar, reg.ID, false, strings.NewReader(residents()))
	must(t, err)
	w.work()
	_, err = w.FreezeRegister(t.Context(), w.registrar, reg.ID, service.Freeze{})
	must(t, err)
	w.work()
	reg, err = w.Register(t.Context(), w.registrar, reg.ID)
	must(t, err)
	if reg.State != service.RegisterFrozen || reg.Rows != 40 {
		t.Errorf("the register is %s with %d rows", reg.State, reg.Rows)
	}
}
