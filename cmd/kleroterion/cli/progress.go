package cli

import (
	"errors"

	"github.com/schollz/progressbar/v3"
)

var errOut = errors.New("--out is missing")

// progress is a bar on the standard error, or nothing where nobody watches.
type progress struct {
	bar  *progressbar.ProgressBar
	s    *call
	what string
}

func (s *call) progress(what string) *progress { return &progress{s: s, what: what} }

// tell moves the bar; total may be 0 as long as it is not known.
func (p *progress) tell(done, total int64) {
	if !p.s.watched() {
		return
	}
	if p.bar == nil {
		p.bar = progressbar.NewOptions64(max(total, 1), progressbar.OptionSetWriter(p.s.Err), progressbar.OptionSetDescription(p.what),
			progressbar.OptionSetWidth(30), progressbar.OptionClearOnFinish(), progressbar.OptionThrottle(100_000_000))
	}
	p.bar.ChangeMax64(max(total, 1))
	_ = p.bar.Set64(done) // a bar that cannot be drawn is no reason to stop
}

func (p *progress) end() {
	if p != nil && p.bar != nil {
		_ = p.bar.Finish()
	}
}
