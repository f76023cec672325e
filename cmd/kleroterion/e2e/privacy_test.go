package e2e

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"kleroterion/api/client"
	"kleroterion/randomness/register"
)

// Of this resident nothing else in a town can remind.
var (
	zebulon = []string{"ZZ9PLURAL42", "Quixotry", "Zebulon", "Unmistakable Crescent", "zebulon.q@unmistakable.example"}
	herRow  = zebulon[0] + ";" + zebulon[1] + ";" + zebulon[2] + ";" + zebulon[3] + ";4711;Mill;44;f;" + zebulon[4] + "\n"
	spoilt  = strings.Replace(herRow, "Quixotry;", "Quixotry\x07;", 1) // a control character: the file is refused
)

// absentFrom fails when data has anything of hers.
func absentFrom(t testing.TB, where string, data []byte) {
	t.Helper()
	if found := holding(data, zebulon...); len(found) > 0 {
		t.Errorf("%s holds %q", where, found)
	}
}

// her is what the city knows of her after the freeze.
func her(t testing.TB, o *office, drawID string) (id string) {
	t.Helper()
	seats := got(o.registrar.GetSeatsWithResponse(t.Context(), drawID))(t).Body
	for line := range strings.Lines(string(seats)) {
		if strings.Contains(line, zebulon[0]) {
			if missing := len(zebulon) - len(holding([]byte(line), zebulon...)); missing > 0 {
				t.Errorf("the city's own list lacks %d of her %d values: %s", missing, len(zebulon), line)
			}
			return strings.Split(line, ",")[3]
		}
	}
	t.Fatal("everybody has a seat, and she is not in the city's list")
	return ""
}

// everybody draws all of a register, so that she is drawn.
func (o *office) everybody(reg client.Register, s *service) client.Draw {
	o.t.Helper()
	in := o.simple(reg, "everybody", s.clock.now().Add(30*time.Second))
	in.Strata, in.OnePerHousehold = []client.Stratum{{Seats: reg.Rows}}, false
	d := *got(o.registrar.OpenDrawWithResponse(o.t.Context(), nil, in))(o.t).JSON201
	s.clock.passTo(d.DueAt)
	return o.drawn(d.ID)
}

func TestNothingPublicNamesAResident(t *testing.T) {
	t.Parallel()
	s := begin(t, settings(t.TempDir()), &clock{})
	o := newOffice(t, s.URL, s.config.AdminToken, "spire")
	people := residents(t, 7, 120)

	// The registrar is told what is wrong with the file, in its own words; nobody else is.
	made := got(o.registrar.AddRegisterWithResponse(t.Context(), nil, client.NewRegister{City: o.city, Name: "refused", Mapping: townMapping(t)}))(t)
	job := got(o.registrar.Upload(t.Context(), client.Rows{Register: made.JSON201.ID, File: bytes.NewReader(slices.Concat(people, []byte(spoilt)))}))(t)
	if _, err := o.registrar.WaitJob(t.Context(), job.ID, nil); err == nil {
		t.Error("a file with a control character was imported")
	}
	told := got(o.registrar.GetJobWithResponse(t.Context(), job.ID))(t).Body
	if !strings.Contains(string(told), "Quixotry") {
		t.Errorf("the registrar is not told which value it was: %s", told)
	}
	absentFrom(t, "the operator's view of the job", got(o.operator.GetJobWithResponse(t.Context(), job.ID))(t).Body)

	reg := o.frozen("residents", slices.Concat(people, []byte(herRow)))
	d := o.everybody(reg, s)
	id := her(t, o, d.ID)

	absentFrom(t, "the bundle", o.bundle(d.ID))
	absentFrom(t, "the draw", got(o.operator.GetDrawWithResponse(t.Context(), d.ID))(t).Body)
	absentFrom(t, "the frozen register as others see it", got(o.operator.GetRegisterWithResponse(t.Context(), reg.ID))(t).Body)
	absentFrom(t, "the metrics", got(o.operator.GetMetricsWithResponse(t.Context()))(t).Body)
	unzipped(t, got(o.operator.ExportCityWithResponse(t.Context(), o.city))(t).Body)
	var file bytes.Buffer
	got(o.operator.DownloadRegister(t.Context(), reg.Root, &file))(t)
	absentFrom(t, "the public file", file.Bytes())
	line := got(o.operator.GetEntryWithResponse(t.Context(), reg.Root, id))(t)
	absentFrom(t, "her line's proof", line.Body)
	pages(t, s.URL, "/", "/cities/"+o.city, "/draws/"+d.ID, "/draws/"+d.ID+"/line")
	page := got(http.PostForm(s.URL+"/draws/"+d.ID+"/line", url.Values{"id": {id}}))(t)
	body := got(io.ReadAll(page.Body))(t)
	page.Body.Close()
	if !bytes.Contains(body, []byte("You are in the list")) {
		t.Error("the page does not find her line")
	}
	absentFrom(t, "her line's page", body)

	s.end(t)
	for _, found := range holders(t, publicDir(s.config.Data), zebulon...) {
		t.Errorf("published: %s", found)
	}
	absentFrom(t, "the service's log", []byte(s.log.String()))
	if found := holding([]byte(s.log.String()), id, s.config.AdminToken); len(found) > 0 {
		t.Errorf("the service's log holds %q", found)
	}
}

// unzipped reads every file of the open data: compressed, a name would not be seen.
func unzipped(t testing.TB, archive []byte) {
	t.Helper()
	files := got(zip.NewReader(bytes.NewReader(archive), int64(len(archive))))(t).File
	if len(files) < 5 {
		t.Errorf("the open data has %d files, want at least 5", len(files))
	}
	for _, f := range files {
		content := got(f.Open())(t)
		absentFrom(t, "export.zip "+f.Name, got(io.ReadAll(content))(t))
		must(t, content.Close())
	}
}

func pages(t testing.TB, base string, paths ...string) {
	t.Helper()
	for _, path := range paths {
		res := got(http.Get(base + path))(t)
		body := got(io.ReadAll(res.Body))(t)
		res.Body.Close()
		if res.StatusCode != http.StatusOK {
			t.Errorf("%s answers %s", path, res.Status)
		}
		absentFrom(t, path, body)
	}
}

// TestErasureLeavesTheProofAndNotThePerson: her line, its proof and the draw stay valid, and the files
// of the database do not hold her any more.
func TestErasureLeavesTheProofAndNotThePerson(t *testing.T) {
	t.Parallel()
	s := begin(t, settings(t.TempDir()), &clock{})
	o := newOffice(t, s.URL, s.config.AdminToken, "spire")
	reg := o.frozen("residents", slices.Concat(residents(t, 8, 120), []byte(herRow)))
	d := o.everybody(reg, s)
	id := her(t, o, d.ID)
	before := o.bundle(d.ID)
	if len(holders(t, s.config.Data, zebulon...)) == 0 {
		t.Fatal("the database does not hold her before, so this test shows nothing")
	}
	record := got(o.registrar.GetResidentWithResponse(t.Context(), reg.ID, id))(t)
	if len(holding(record.Body, zebulon...)) != len(zebulon) {
		t.Errorf("her private row is %s", record.Body)
	}

	got(o.registrar.EraseResidentWithResponse(t.Context(), reg.ID, id))(t)
	if _, err := o.registrar.GetResidentWithResponse(t.Context(), reg.ID, id); !refused(err, "erased") {
		t.Errorf("her private row after the erasure: %v", err)
	}
	absentFrom(t, "the city's list after the erasure", got(o.registrar.GetSeatsWithResponse(t.Context(), d.ID))(t).Body)
	var proof register.Proof
	must(t, json.Unmarshal(got(o.operator.GetEntryWithResponse(t.Context(), reg.Root, id))(t).Body, &proof))
	if _, err := proof.Verify(); err != nil || proof.Root != reg.Root {
		t.Errorf("her line's proof after the erasure: %v", err)
	}
	newAuditor(t, s.VKey).bundle(o.bundle(d.ID))
	newAuditor(t, s.VKey).bundle(before)
	s.end(t)
	gone(t, s.config.Data)
}

// TestARegisterThatIsImportedAgainForgetsWhoIsLeftOut before it is frozen.
func TestARegisterThatIsImportedAgainForgetsWhoIsLeftOut(t *testing.T) {
	t.Parallel()
	s := begin(t, settings(t.TempDir()), &clock{})
	o := newOffice(t, s.URL, s.config.AdminToken, "spire")
	people := residents(t, 9, 120)
	reg := o.imported("residents", slices.Concat(people, []byte(herRow)))
	job := got(o.registrar.Upload(t.Context(), client.Rows{Register: reg.ID, File: bytes.NewReader(people)}))(t)
	got(o.registrar.WaitJob(t.Context(), job.ID, nil))(t)
	s.end(t)
	gone(t, s.config.Data)
}

// TestErasureReachesTheReportOfARefusedFile: the report quotes cells, and an erasure that leaves it is none.
func TestErasureReachesTheReportOfARefusedFile(t *testing.T) {
	t.Parallel()
	s := begin(t, settings(t.TempDir()), &clock{})
	o := newOffice(t, s.URL, s.config.AdminToken, "spire")
	people := residents(t, 10, 120)
	made := got(o.registrar.AddRegisterWithResponse(t.Context(), nil, client.NewRegister{City: o.city, Name: "residents", Mapping: townMapping(t)}))(t)
	job := got(o.registrar.Upload(t.Context(), client.Rows{Register: made.JSON201.ID, File: bytes.NewReader(slices.Concat(people, []byte(spoilt)))}))(t)
	if _, err := o.registrar.WaitJob(t.Context(), job.ID, nil); err == nil {
		t.Fatal("a file with a control character was imported")
	}
	job = got(o.registrar.Upload(t.Context(), client.Rows{Register: made.JSON201.ID, File: bytes.NewReader(slices.Concat(people, []byte(herRow)))}))(t)
	got(o.registrar.WaitJob(t.Context(), job.ID, nil))(t)
	freeze := got(o.registrar.FreezeRegisterWithResponse(t.Context(), made.JSON201.ID, nil, client.Freeze{PublishSmallCells: true}))(t)
	got(o.registrar.WaitJob(t.Context(), freeze.JSON202.ID, nil))(t)
	d := o.everybody(o.register(made.JSON201.ID), s)
	got(o.registrar.EraseResidentWithResponse(t.Context(), made.JSON201.ID, her(t, o, d.ID)))(t)
	s.end(t)
	gone(t, s.config.Data)
}

// gone fails when a file of the data folder, the database's own included, holds anything of hers.
func gone(t testing.TB, data string) {
	t.Helper()
	for _, found := range holders(t, data, zebulon...) {
		t.Errorf("after the erasure: %s", found)
	}
}
