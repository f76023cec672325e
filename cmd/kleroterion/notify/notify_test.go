package notify

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-smtp"

	"kleroterion/service"
)

// post is a real SMTP server on the loopback that keeps what it is sent.
type post struct {
	mu     sync.Mutex
	mails  []string
	refuse bool
}

func (p *post) NewSession(*smtp.Conn) (smtp.Session, error) { return &session{post: p}, nil }

type session struct {
	post *post
	to   string
}

func (s *session) Mail(string, *smtp.MailOptions) error { return nil }
func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	if strings.HasPrefix(to, "nobody") {
		return &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: "<" + to + ">: no such mailbox"}
	}
	s.to = to
	return nil
}
func (s *session) Reset()        {}
func (s *session) Logout() error { return nil }
func (s *session) Data(r io.Reader) error {
	b, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	s.post.mu.Lock()
	defer s.post.mu.Unlock()
	if s.post.refuse {
		return errors.New("try later")
	}
	s.post.mails = append(s.post.mails, s.to+"\n"+string(b))
	return nil
}

func startPost(t *testing.T) (*post, string) {
	t.Helper()
	p := new(post)
	server := smtp.NewServer(p)
	server.Domain = "localhost"
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(l) }()
	t.Cleanup(func() { _ = server.Close(); <-ended })
	return p, "smtp://" + l.Addr().String()
}

var invitation = service.Mail{To: "ada@example.org", Subject: "You have been drawn", Text: "Dear Ada,\n\nyour code: ABCDE-FGHJK\n"}

func TestMailArrivesOverSMTP(t *testing.T) {
	p, address := startPost(t)
	s, err := NewSMTP(address, "city@example.org")
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Send(t.Context(), invitation); err != nil {
		t.Fatal(err)
	}
	if len(p.mails) != 1 || !strings.HasPrefix(p.mails[0], "ada@example.org\n") || !strings.Contains(p.mails[0], "ABCDE-FGHJK") {
		t.Errorf("the server got %q", p.mails)
	}
	p.refuse = true
	if err := s.Send(t.Context(), invitation); err == nil {
		t.Error("a refused mail counts as sent")
	}
}

func TestErrorsOfMailNeverQuoteThePerson(t *testing.T) {
	_, address := startPost(t)
	s, err := NewSMTP(address, "city@example.org")
	if err != nil {
		t.Fatal(err)
	}
	err = s.Send(t.Context(), service.Mail{To: "not an address of Ada@", Subject: "x", Text: "y"})
	if err == nil || strings.Contains(err.Error(), "Ada") {
		t.Errorf("got %v, want an error without the contact", err)
	}
	err = s.Send(t.Context(), service.Mail{To: "nobody.ada@example.org", Subject: "x", Text: "y"})
	if err == nil || strings.Contains(err.Error(), "ada") || !strings.Contains(err.Error(), "550") {
		t.Errorf("got %v, want the server's code without the address", err)
	}
}

func TestServersThatCannotBeUsedAreRefused(t *testing.T) {
	for _, address := range []string{"", "mail.example.org", "http://mail.example.org:25", "smtp://mail.example.org", "smtp://:25", "smtp://user:pass word@x:y"} {
		_, err := NewSMTP(address, "a@b.c")
		if err == nil || strings.Contains(err.Error(), "pass word") {
			t.Errorf("NewSMTP(%q): %v", address, err)
		}
	}
}

func TestFolderKeepsMailsForTheOwnerAlone(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "mails")
	f, err := NewFolder(dir)
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Send(t.Context(), invitation); err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join(dir, "*.eml"))
	if err != nil || len(files) != 1 {
		t.Fatalf("%v, %v", files, err)
	}
	info, err := os.Stat(files[0])
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v: want mode 600", info.Mode(), err)
	}
}

func TestWebhookIsSignedAndFailsOnAnythingButSuccess(t *testing.T) {
	at := time.Unix(1_800_000_000, 0)
	var status int
	var header, body string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		header, body = r.Header.Get("Kleroterion-Signature"), string(b)
		w.Header().Set("Location", "/elsewhere")
		w.WriteHeader(status)
	}))
	defer server.Close()
	hook := NewWebhook(server.URL, "a secret", func() time.Time { return at })
	e := service.LogEntry{Seq: 7, Kind: "seat.move", Subject: "city/x/jury/y/seats", N: 3, Record: []byte(`{"v":1}`)}
	for status = range map[int]bool{200: true, 204: true, 302: false, 404: false, 500: false} {
		err := hook.Tell(t.Context(), e)
		if want := status/100 == 2; (err == nil) != want {
			t.Errorf("status %d: %v", status, err)
		}
	}
	if header != Signature([]byte("a secret"), at.Unix(), []byte(body)) || !strings.Contains(body, `"seq":7`) {
		t.Errorf("header %q over %q", header, body)
	}
	if header == Signature([]byte("another"), at.Unix(), []byte(body)) {
		t.Error("the signature does not depend on the secret")
	}
	ctx, stop := context.WithCancel(t.Context())
	stop()
	if err := hook.Tell(ctx, e); err == nil {
		t.Error("told after the end")
	}
}
