package relay_test

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"time"

	"kleroterion/randomness/devchain"
	"kleroterion/randomness/relay"
)

// faulty is what one relay alone leads to, whether by a fault of the development chain or by any
// other behaviour.
type faulty struct {
	handler func(w *world) http.Handler
	kind    relay.Kind
	state   relay.State // of the round; "" where the error is no *NotYet
	says    string
}

func fault(f devchain.Fault) func(*world) http.Handler {
	return func(w *world) http.Handler {
		n := newNetwork(w.T, 'a', w.clock.now, genesis)
		n.SetFault(f)
		return n.Handler()
	}
}

func answer(status int, contentType, body string) func(*world) http.Handler {
	return func(*world) http.Handler { return fixed(status, contentType, body) }
}

// edited serves the true round with its body changed.
func edited(edit func(string) string) func(*world) http.Handler {
	return func(w *world) http.Handler {
		honest := newNetwork(w.T, 'a', w.clock.now, genesis).Handler()
		return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
			rec := httptest.NewRecorder()
			honest.ServeHTTP(rec, r)
			fixed(rec.Code, "application/json", edit(rec.Body.String())).ServeHTTP(rw, r)
		})
	}
}

func faults() map[string]faulty {
	const j = "application/json"
	return map[string]faulty{
		"too early after its time":    {fault(devchain.TooEarly425), relay.Absent, relay.StateLate, "status 425"},
		"error 500":                   {fault(devchain.Error500), relay.Absent, relay.StateLate, "status 500"},
		"late":                        {fault(devchain.Late(time.Minute)), relay.Absent, relay.StateLate, "status 500"},
		"halted long ago":             {fault(devchain.Late(time.Hour)), relay.Absent, relay.StateLate, "status 500"},
		"slower than one try":         {fault(devchain.Slow(time.Hour)), relay.Down, relay.StateDue, "no whole answer within 300ms"},
		"another round":               {fault(devchain.WrongRound), relay.Lying, relay.StateDue, "rule round"},
		"another round's signature":   {fault(devchain.WrongSignature), relay.Lying, relay.StateDue, "rule pairing"},
		"malleated signature":         {fault(devchain.Malleated), relay.Lying, relay.StateDue, "beacon refused"},
		"not found":                   {answer(404, "text/plain", "404 page not found"), relay.Absent, relay.StateLate, "status 404"},
		"status 503":                  {answer(503, j, "{}"), relay.Down, relay.StateDue, "status 503"},
		"status 429":                  {answer(429, j, "{}"), relay.Down, relay.StateDue, "status 429"},
		"status 204":                  {answer(204, j, ""), relay.Down, relay.StateDue, "status 204"},
		"status 400":                  {answer(400, "text/plain", "bad"), relay.Foreign, "", "status 400"},
		"HTML with status 200":        {answer(200, "text/html; charset=utf-8", "<html>sign in</html>"), relay.Malformed, relay.StateDue, "content type"},
		"JSON as text":                {typed("text/plain"), relay.Malformed, relay.StateDue, `content type "text/plain"`},
		"no content type":             {typed(""), relay.Malformed, relay.StateDue, "content type"},
		"broken content type":         {typed("application/json; ="), relay.Malformed, relay.StateDue, "content type"},
		"HTML as JSON":                {answer(200, j, "<html>"), relay.Malformed, relay.StateDue, "byte 0"},
		"empty body":                  {answer(200, j, ""), relay.Malformed, relay.StateDue, "unexpected end"},
		"huge body":                   {answer(200, j, `{"round":100,"signature":"`+strings.Repeat("ab", 5000)+`"}`), relay.Malformed, relay.StateDue, "above 8192 bytes"},
		"endless white space":         {edited(func(s string) string { return s + strings.Repeat(" ", 8192) }), relay.Malformed, relay.StateDue, "above 8192 bytes"},
		"round said twice":            {edited(func(s string) string { return strings.Replace(s, "{", `{"round":100,`, 1) }), relay.Malformed, relay.StateDue, "stands twice"},
		"signature said twice":        {edited(func(s string) string { return strings.Replace(s, "{", `{"signature":"00",`, 1) }), relay.Malformed, relay.StateDue, "stands twice"},
		"two values":                  {edited(func(s string) string { return s + s }), relay.Malformed, relay.StateDue, "after the value"},
		"a list":                      {edited(func(s string) string { return "[" + s + "]" }), relay.Malformed, relay.StateDue, "want a JSON object"},
		"previous where none is":      {edited(func(s string) string { return strings.Replace(s, "{", `{"previous_signature":"00",`, 1) }), relay.Lying, relay.StateDue, "rule previous"},
		"a body that unpacks to 1 MB": {unpacking, relay.Malformed, relay.StateDue, "above 8192 bytes"},
		"huge headers":                {hugeHeaders, relay.Down, relay.StateDue, "headers exceeded"},
		"a cut body":                  {cutBody, relay.Down, relay.StateDue, "EOF"},
		"a body that stalls":          {stallingBody, relay.Down, relay.StateDue, "no whole answer within 300ms"},
		"a closed connection":         {hangUp, relay.Down, relay.StateDue, "EOF"},
		"endless redirects":           {redirectTo(""), relay.Malformed, relay.StateDue, "more than 3 in a row"},
		"redirect to another host":    {redirectTo("http://localhost:1"), relay.Malformed, relay.StateDue, "redirect refused"},
		"redirect to its own https":   {toHTTPS, relay.Malformed, relay.StateDue, "redirect refused"},
		"endless body":                {endlessBody, relay.Malformed, relay.StateDue, "above 8192 bytes"},
	}
}

// typed serves the true round under another content type.
func typed(contentType string) func(*world) http.Handler {
	return func(w *world) http.Handler {
		honest := newNetwork(w.T, 'a', w.clock.now, genesis).Handler()
		return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
			rec := httptest.NewRecorder()
			honest.ServeHTTP(rec, r)
			fixed(rec.Code, contentType, rec.Body.String()).ServeHTTP(rw, r)
		})
	}
}

func redirectTo(base string) func(*world) http.Handler {
	return func(*world) http.Handler {
		return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
			http.Redirect(rw, r, base+r.URL.Path, http.StatusFound)
		})
	}
}

func unpacking(*world) http.Handler {
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	fmt.Fprintf(z, `{"round":100,"signature":"%s"}`, strings.Repeat("00", 1<<19))
	z.Close()
	return http.HandlerFunc(func(rw http.ResponseWriter, _ *http.Request) {
		rw.Header().Set("Content-Encoding", "gzip")
		fixed(200, "application/json", packed.String()).ServeHTTP(rw, nil)
	})
}

func hugeHeaders(*world) http.Handler {
	return http.HandlerFunc(func(rw http.ResponseWriter, _ *http.Request) {
		rw.Header().Set("X-Filler", strings.Repeat("x", 32<<10))
		fixed(200, "application/json", "{}").ServeHTTP(rw, nil)
	})
}

func toHTTPS(*world) http.Handler {
	return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		http.Redirect(rw, r, "https://"+r.Host+r.URL.Path, http.StatusFound)
	})
}

func endlessBody(*world) http.Handler {
	return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		rw.Header().Set("Content-Type", "application/json")
		for r.Context().Err() == nil {
			fmt.Fprint(rw, strings.Repeat(" ", 1024))
			rw.(http.Flusher).Flush()
		}
	})
}

func cutBody(*world) http.Handler {
	return http.HandlerFunc(func(rw http.ResponseWriter, _ *http.Request) {
		rw.Header().Set("Content-Type", "application/json")
		rw.Header().Set("Content-Length", "200")
		fmt.Fprint(rw, `{"round":100,`)
	})
}

func stallingBody(*world) http.Handler {
	return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		rw.Header().Set("Content-Type", "application/json")
		fmt.Fprint(rw, `{"round":100,`)
		rw.(http.Flusher).Flush()
		<-r.Context().Done()
	})
}

func hangUp(*world) http.Handler {
	return http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })
}
