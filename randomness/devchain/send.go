package devchain

import (
	"encoding/json"
	"net/http"
	"strconv"
)

// reply is one answer; an empty cache leaves the header out.
type reply struct {
	status   int
	cache    string
	mimeType string
	body     []byte
}

func send(w http.ResponseWriter, r reply) {
	h := w.Header()
	if r.cache != "" {
		h.Set("Cache-Control", r.cache)
	}
	h.Set("Content-Type", r.mimeType)
	h.Set("Content-Length", strconv.Itoa(len(r.body)))
	w.WriteHeader(r.status)
	w.Write(r.body) //nolint:errcheck // the asker has gone: nobody is left to tell
}

// refuse answers with a line of text, as net/http's Error does, and keeps the cache header.
func refuse(w http.ResponseWriter, status int, cache, text string) {
	w.Header().Set("X-Content-Type-Options", "nosniff")
	send(w, reply{status, cache, textType, []byte(text + "\n")})
}

func sendJSON(w http.ResponseWriter, cache string, v any) {
	body, err := json.Marshal(v)
	if err != nil {
		refuse(w, http.StatusInternalServerError, "", "Failed to encode the answer")
		return
	}
	send(w, reply{http.StatusOK, cache, "application/json", body})
}
