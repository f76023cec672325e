package api

import (
	"log"
	"log/slog"
	"net/http"
	"time"
)

const (
	headerTime     = 5 * time.Second
	idleTime       = 2 * time.Minute
	answerTime     = time.Minute
	maxHeaderBytes = 32 << 10
)

// NewServer returns a server for a with the timeouts that a expects: headers within 5 s, a JSON body
// within 30 s, an answer taken within a minute, streams never stalled for more than 30 s. Shutdown
// ends event streams at once and lets other requests finish.
func NewServer(address string, a *API) *http.Server {
	s := &http.Server{
		Addr:              address,
		Handler:           a,
		ReadHeaderTimeout: headerTime,
		WriteTimeout:      answerTime,
		IdleTimeout:       idleTime,
		MaxHeaderBytes:    maxHeaderBytes,
		ErrorLog:          connectionLog(a.Logger),
	}
	s.RegisterOnShutdown(a.Close)
	return s
}

// connectionLog takes what net/http says about connections. It quotes addresses of callers, so only
// the fact is logged.
func connectionLog(to *slog.Logger) *log.Logger {
	return log.New(connectionLogWriter{to}, "", 0)
}

type connectionLogWriter struct{ to *slog.Logger }

func (w connectionLogWriter) Write(p []byte) (int, error) {
	w.to.Debug("connection error", "bytes", len(p))
	return len(p), nil
}
