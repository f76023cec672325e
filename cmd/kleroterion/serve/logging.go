package serve

import (
	"io"
	"log/slog"
	"os"

	"golang.org/x/term"
)

// Logger returns the log that the configuration asks for. Its lines never hold personal data: the
// packages log ids, kinds and counts only.
func Logger(w io.Writer, format, level string) (*slog.Logger, error) {
	var l slog.Level
	if err := l.UnmarshalText([]byte(level)); err != nil {
		return nil, err
	}
	o := &slog.HandlerOptions{Level: l}
	if f, ok := w.(*os.File); format == "text" || format == "auto" && ok && term.IsTerminal(int(f.Fd())) {
		return slog.New(slog.NewTextHandler(w, o)), nil
	}
	return slog.New(slog.NewJSONHandler(w, o)), nil
}
