package e2e

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// chromium finds the browser. Where there is none the tests of the pages are skipped, which continuous
// integration takes for a failure.
func chromium(t *testing.T) string {
	t.Helper()
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	if os.Getenv("CI") == "true" {
		t.Fatal("Chromium is missing")
	}
	t.Skip("Chromium is missing: install Debian's package chromium")
	return ""
}

// browser is one process; tabs of it are phones.
type browser struct {
	t   *testing.T
	ctx context.Context
}

func newBrowser(t *testing.T) *browser {
	t.Helper()
	path := chromium(t)
	profile := got(os.MkdirTemp("", "klero-chromium-"))(t)
	ctx, end := chromedp.NewExecAllocator(context.WithoutCancel(t.Context()), chromedp.ExecPath(path), chromedp.UserDataDir(profile),
		chromedp.Headless, chromedp.NoSandbox, chromedp.DisableGPU, chromedp.NoFirstRun, chromedp.NoDefaultBrowserCheck,
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-background-networking", true), chromedp.Flag("disable-component-update", true),
		chromedp.Flag("disable-sync", true), chromedp.Flag("disable-dev-shm-usage", true))
	t.Cleanup(func() {
		end()
		os.RemoveAll(profile) // helpers of the browser may still be writing: what is left is the system's to sweep
	})
	first, close := chromedp.NewContext(ctx)
	t.Cleanup(close)
	must(t, chromedp.Do(first))
	return &browser{t, first}
}

// phone is a tab of 360 by 740 pixels.
type phone struct {
	t    *testing.T
	ctx  context.Context
	base string
	mu   sync.Mutex
	said []string // what the console shows
}

func (b *browser) phone(t *testing.T, base string, scripts bool) *phone {
	t.Helper()
	ctx, close := chromedp.NewContext(b.ctx)
	t.Cleanup(close)
	ctx, cancel := context.WithTimeout(ctx, 2*time.Minute)
	t.Cleanup(cancel)
	p := &phone{t: t, ctx: ctx, base: base}
	must(t, chromedp.Do(ctx, chromedp.EmulateViewport(360, 740, chromedp.EmulateMobile, chromedp.EmulateTouch)))
	must(t, chromedp.Do(ctx, chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
		_, err := cdp.Call(ctx, target, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: !scripts})
		return err
	})))
	go p.listen(chromedp.Console(ctx))
	return p
}

func (p *phone) listen(messages func(func(chromedp.ConsoleMessage, error) bool)) {
	for m, err := range messages {
		if err != nil {
			return
		}
		p.mu.Lock()
		p.said = append(p.said, fmt.Sprintf("%s: %s (%s)", m.Type, m.Text, m.URL))
		p.mu.Unlock()
	}
}

// quiet fails when the console has said anything since the last time, but for what is allowed.
func (p *phone) quiet(allowed ...string) {
	p.t.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, s := range p.said {
		if !slices.ContainsFunc(allowed, func(a string) bool { return strings.Contains(s, a) }) {
			p.t.Errorf("the console says %s", s)
		}
	}
	p.said = nil
}

// visit loads a page and returns its status.
func (p *phone) visit(path string) int64 {
	p.t.Helper()
	answer, err := chromedp.Run(p.ctx, chromedp.NavigateResponse(p.base+path))
	if err != nil {
		p.t.Fatalf("visit %s: %v", path, err)
	}
	return answer.Status
}

// ask evaluates an expression in the page, as developer tools do also where the page may run no script.
func ask[T any](p *phone, expression string) T {
	p.t.Helper()
	v, err := chromedp.Run(p.ctx, chromedp.Evaluate[T](expression))
	if err != nil {
		p.t.Fatalf("%s: %v", expression, err)
	}
	return v
}

// press types keys, as a keyboard would.
func (p *phone) press(keys string) {
	p.t.Helper()
	must(p.t, chromedp.Do(p.ctx, chromedp.KeyEvent(keys)))
}

// follow presses Enter and waits for the page that it leads to.
func (p *phone) follow() {
	p.t.Helper()
	_, err := chromedp.Run(p.ctx, chromedp.WaitEvent(page.LoadEventFired, nil, chromedp.KeyEvent(kb.Enter)))
	must(p.t, err)
}

// tabTo moves the focus with the tabulator until it is on an element with this text or id.
func (p *phone) tabTo(what string) {
	p.t.Helper()
	var passed []string
	for range 80 {
		p.press(kb.Tab)
		at := ask[string](p, `document.activeElement.id || document.activeElement.innerText || document.activeElement.tagName`)
		if !ask[bool](p, `getComputedStyle(document.activeElement).outlineStyle !== "none" || document.activeElement === document.body`) {
			p.t.Errorf("the focus on %q cannot be seen", at)
		}
		if strings.TrimSpace(at) == what {
			return
		}
		passed = append(passed, at)
	}
	p.t.Fatalf("the keyboard does not reach %q, only %q", what, passed)
}
