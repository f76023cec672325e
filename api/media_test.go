package api_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"kleroterion/api"
)

func TestContentTypes(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	const body = `{"slug":"x","name":"X"}`
	for _, tt := range []struct {
		name, header string
		status       int
		code         string
	}{
		{"plain text", "Content-Type: text/plain", 415, "content_type"},
		{"a form", "Content-Type: application/x-www-form-urlencoded", 415, "content_type"},
		{"nothing", "Content-Type: ", 415, "content_type"},
		{"nonsense", "Content-Type: ///", 415, "content_type"},
		{"a JSON dialect", "Content-Type: application/ld+json", 415, "content_type"},
		{"another charset", "Content-Type: application/json; charset=latin1", 415, "charset"},
		{"a content coding", "Content-Encoding: gzip", 415, "content_encoding"},
		{"an answer that is not served", "Accept: text/html", 406, "not_acceptable"},
		{"an answer that is excluded", "Accept: application/json;q=0, */*", 406, "not_acceptable"},
	} {
		got := w.ask("POST", "/v1/cities", w.operator, body, tt.header)
		if p := problemOf(t, got); got.status != tt.status || p.Code != tt.code {
			t.Errorf("%s: got %d %s, want %d %s", tt.name, got.status, p.Code, tt.status, tt.code)
		}
	}
	for i, header := range []string{"Content-Type: application/json; charset=UTF-8", "Accept: application/*", "Accept: text/html, */*;q=0.1", "Content-Encoding: identity"} {
		made := strings.Replace(body, `"x"`, `"x`+string(rune('a'+i))+`"`, 1)
		if got := w.ask("POST", "/v1/cities", w.operator, made, header); got.status != 201 {
			t.Errorf("%s: got %d %s", header, got.status, got.body)
		}
	}
}

func TestProblemsComeAsTheCallerReadsThem(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	for accept, want := range map[string]string{
		"":                         "application/problem+json",
		"*/*":                      "application/problem+json",
		"application/problem+json": "application/problem+json",
		"application/json":         "application/json",
		"text/csv":                 "application/problem+json",
		"application/json, application/problem+json;q=0.5": "application/problem+json",
	} {
		got := w.ask("GET", "/v1/cities/nowhere", "", "", "Accept: "+accept)
		if media := got.header.Get("Content-Type"); media != want {
			t.Errorf("Accept %q: problem as %q, want %q", accept, media, want)
		}
	}
}

func TestBodiesAreBounded(t *testing.T) {
	t.Parallel()
	w := newTown(t, func(o *api.Options) { o.UploadLimit = 2 << 20 })
	huge := `{"slug":"x","name":"` + strings.Repeat("x", 10<<20) + `"}`
	for _, tt := range []struct {
		name, method, path, media string
		body                      io.Reader
	}{
		{"JSON of 10 MB", "POST", "/v1/cities", "application/json", strings.NewReader(huge)},
		{"JSON of 10 MB without a length", "POST", "/v1/cities", "application/json", io.MultiReader(strings.NewReader(huge))},
		{"an upload over its limit", "PUT", "/v1/registers/" + w.emptyRegister() + "/rows", "text/csv", io.MultiReader(strings.NewReader("id,name\n" + strings.Repeat("1,x\n", 1<<20)))},
	} {
		req, err := http.NewRequestWithContext(t.Context(), tt.method, w.url+tt.path, tt.body)
		must(t, err)
		token := w.operator
		if tt.method == "PUT" {
			token = w.registrar
		}
		req.Header.Set("Authorization", "Bearer "+token)
		req.Header.Set("Content-Type", tt.media)
		got := w.send(req)
		if p := problemOf(t, got); got.status != 413 || p.Code != "too_large" {
			t.Errorf("%s: got %d %s", tt.name, got.status, p.Code)
		}
	}
}

// emptyRegister makes a register without rows and returns its id.
func (w *town) emptyRegister() string {
	got := w.ask("POST", "/v1/registers", w.registrar, `{"city":"example","name":"empty"}`)
	if got.status != 201 {
		w.t.Fatalf("register: %d %s", got.status, got.body)
	}
	return strings.TrimPrefix(got.header.Get("Location"), "/v1/registers/")
}

func TestUploadThatBreaksOffStoresNothing(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	path := "/v1/registers/" + w.emptyRegister()
	body, pipe := io.Pipe()
	req, err := http.NewRequestWithContext(t.Context(), "PUT", w.url+path+"/rows", body)
	must(t, err)
	req.Header.Set("Authorization", "Bearer "+w.registrar)
	req.Header.Set("Content-Type", "text/csv")
	go func() {
		pipe.Write([]byte("id,name\n1,x\n"))
		pipe.CloseWithError(io.ErrUnexpectedEOF)
	}()
	if _, err := http.DefaultClient.Do(req); err == nil {
		t.Fatal("an upload that broke off was answered")
	}
	got := w.ask("GET", path, w.registrar, "")
	if !strings.Contains(got.body, `"state":"draft"`) {
		t.Errorf("register after a broken upload: %s", got.body)
	}
}

func TestUploadWantsCSV(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	got := w.ask("PUT", "/v1/registers/"+w.emptyRegister()+"/rows", w.registrar, "id,name\n1,x\n")
	if p := problemOf(t, got); got.status != 415 || p.Code != "content_type" || !strings.Contains(p.Detail, "text/csv") {
		t.Errorf("got %d %s", got.status, got.body)
	}
}

func TestDryRunReportsAndStoresNothing(t *testing.T) {
	t.Parallel()
	w := newTown(t)
	id := w.emptyRegister()
	rows := "id,name,district\n1,A,north\n1,B,south\n,C,north\n"
	got := w.ask("PUT", "/v1/registers/"+id+"/rows?dry_run=true", w.registrar, rows, "Content-Type: text/csv")
	if got.status != 202 {
		t.Fatalf("got %d %s", got.status, got.body)
	}
	job, err := w.as(w.registrar).WaitJob(t.Context(), strings.TrimPrefix(got.header.Get("Location"), "/v1/jobs/"), nil)
	if err == nil || !strings.Contains(string(job.Report), "duplicate_person") || !strings.Contains(string(job.Report), "blank_person") {
		t.Errorf("job %v with report %s", err, job.Report)
	}
	if after := w.ask("GET", "/v1/registers/"+id, w.registrar, ""); !strings.Contains(after.body, `"state":"draft"`) {
		t.Errorf("register after a dry run: %s", after.body)
	}
	if other := w.ask("GET", "/v1/jobs/"+job.ID, w.auditor, ""); strings.Contains(other.body, "report") {
		t.Errorf("an auditor sees quoted rows: %s", other.body)
	}
}
