package notify

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strconv"
	"time"

	"github.com/wneessen/go-mail"

	"kleroterion/service"
)

// SMTP sends mails through one server.
type SMTP struct {
	client *mail.Client
	from   string
}

// NewSMTP takes "smtps://user:password@host:465" (TLS from the start) or "smtp://user:password@host:587"
// (STARTTLS, required unless the host is this machine). User and password may be left out.
func NewSMTP(address, from string) (*SMTP, error) {
	u, err := url.Parse(address)
	if err != nil || u.Hostname() == "" || u.Scheme != "smtp" && u.Scheme != "smtps" {
		return nil, fmt.Errorf("smtp server: want smtp://host:port or smtps://host:port") // the address may hold a password
	}
	port, err := strconv.Atoi(u.Port())
	if err != nil {
		return nil, fmt.Errorf("smtp server %s: name its port", u.Hostname())
	}
	options := []mail.Option{mail.WithPort(port), mail.WithTimeout(30 * time.Second),
		mail.WithTLSConfig(&tls.Config{ServerName: u.Hostname(), MinVersion: tls.VersionTLS12}), mail.WithTLSPolicy(policy(u))}
	if u.Scheme == "smtps" {
		options = append(options, mail.WithSSL())
	}
	if password, ok := u.User.Password(); ok {
		options = append(options, mail.WithSMTPAuth(mail.SMTPAuthAutoDiscover), mail.WithUsername(u.User.Username()), mail.WithPassword(password))
	}
	client, err := mail.NewClient(u.Hostname(), options...)
	if err != nil {
		return nil, fmt.Errorf("smtp server %s: %w", u.Hostname(), err)
	}
	return &SMTP{client, from}, nil
}

func policy(u *url.URL) mail.TLSPolicy {
	if ip := net.ParseIP(u.Hostname()); u.Hostname() == "localhost" || ip != nil && ip.IsLoopback() {
		return mail.TLSOpportunistic
	}
	return mail.TLSMandatory
}

// Send implements service.Mailer.
func (s *SMTP) Send(ctx context.Context, m service.Mail) error {
	msg, err := message(s.from, m)
	if err != nil {
		return err
	}
	return unnamed(s.client.DialAndSendWithContext(ctx, msg))
}

// unnamed keeps of a server's refusal what names nobody: servers quote the address that they refuse, and
// so does the error.
func unnamed(err error) error {
	var refused *mail.SendError
	if errors.As(err, &refused) {
		return fmt.Errorf("mail: %s, server answered %d %s", refused.Reason, refused.ErrorCode(), refused.EnhancedStatusCode())
	}
	if err != nil {
		return fmt.Errorf("mail: %w", err)
	}
	return nil
}

func message(from string, m service.Mail) (*mail.Msg, error) {
	msg := mail.NewMsg()
	if err := msg.From(from); err != nil {
		return nil, fmt.Errorf("mail: sender: %w", err)
	}
	if err := msg.To(m.To); err != nil {
		return nil, fmt.Errorf("mail: the contact is no address") // the error would quote it
	}
	msg.Subject(m.Subject)
	msg.SetBodyString(mail.TypeTextPlain, m.Text)
	return msg, nil
}
