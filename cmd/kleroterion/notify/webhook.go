package notify

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"time"

	"kleroterion/service"
)

// Webhook posts public records to one address.
type Webhook struct {
	url    string
	secret []byte
	now    func() time.Time
	client *http.Client
}

// event is the body of a post.
type event struct {
	Kind    string          `json:"kind"`
	N       int64           `json:"n"`
	Record  json.RawMessage `json:"record"` // as it is in the log
	Seq     int64           `json:"seq"`
	Subject string          `json:"subject"`
}

// NewWebhook posts to url, signed with secret.
func NewWebhook(url, secret string, now func() time.Time) *Webhook {
	refuse := func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &Webhook{url, []byte(secret), now, &http.Client{Timeout: 10 * time.Second, CheckRedirect: refuse}}
}

// Tell implements service.Hook. Any answer but 2xx is a failure.
func (w *Webhook) Tell(ctx context.Context, e service.LogEntry) error {
	body, err := json.Marshal(event{string(e.Kind), e.N, e.Record, e.Seq, e.Subject})
	if err != nil {
		return fmt.Errorf("webhook: %w", err)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, w.url, bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("webhook: %w", err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Kleroterion-Signature", Signature(w.secret, w.now().Unix(), body))
	answer, err := w.client.Do(req)
	if err != nil {
		return fmt.Errorf("webhook: %w", err)
	}
	defer answer.Body.Close()
	_, _ = io.Copy(io.Discard, io.LimitReader(answer.Body, 1<<16)) // so that the connection can be used again
	if answer.StatusCode/100 != 2 {
		return fmt.Errorf("webhook: answered %s", answer.Status)
	}
	return nil
}

// Signature is the header's value for a body at a time.
func Signature(secret []byte, at int64, body []byte) string {
	mac := hmac.New(sha256.New, secret)
	fmt.Fprintf(mac, "%d.", at)
	mac.Write(body)
	return fmt.Sprintf("t=%d,v1=%s", at, hex.EncodeToString(mac.Sum(nil)))
}
