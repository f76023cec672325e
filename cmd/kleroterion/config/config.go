// Package config is the settings of the service: one struct whose field help is the manual. Values
// come from flags, else from the environment (KLERO_ and the flag's name in capitals), else from the
// defaults, which run a service on this machine.
//
// [Config.Check] validates all of them before anything starts, and [Config.Show] prints each with
// its origin, secrets left out.
package config

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/go-playground/validator/v10"

	"kleroterion/randomness/beacon"
)

// Config is what `kleroterion serve` can be told.
type Config struct {
	Listen          string `default:"127.0.0.1:8080" validate:"address" help:"Address to serve HTTP on." env:"KLERO_LISTEN"`
	Data            string `default:"./data" validate:"required" type:"path" help:"Folder for the embedded database, the log's key and the published files." env:"KLERO_DATA"`
	DatabaseURL     string `name:"database-url" validate:"omitempty,startswith=postgres" secret:"true" help:"PostgreSQL URL; the embedded SQLite database is used when empty." env:"KLERO_DATABASE_URL"`
	DatabaseURLFile string `name:"database-url-file" type:"path" help:"File that holds the database URL." env:"KLERO_DATABASE_URL_FILE"`
	PublicURL       string `name:"public-url" validate:"omitempty,http_url" help:"URL under which others reach this service, for links." env:"KLERO_PUBLIC_URL"`
	Origin          string `validate:"omitempty,printascii,max=100,excludesall= +" help:"Name of the log, for ever; made up at the first start when empty." env:"KLERO_ORIGIN"`
	LogKeyFile      string `name:"log-key-file" type:"path" help:"File with the log's signing key; DATA/log.key when empty." env:"KLERO_LOG_KEY_FILE"`
	Migrate         bool   `help:"Apply pending migrations to PostgreSQL at the start. SQLite is always migrated, after a copy was made." env:"KLERO_MIGRATE"`

	Chain          string        `default:"quicknet" validate:"required" help:"Chain that decides draws which name none." env:"KLERO_CHAIN"`
	Relay          []string      `validate:"max=16,dive,required" placeholder:"URL=ORG" help:"Relays with the organisations that run them; drand's public ones when empty." env:"KLERO_RELAY"`
	Lead           time.Duration `default:"600s" validate:"min=60s,max=8760h" help:"Least time between a draw's commitment and its round." env:"KLERO_LEAD"`
	Devchain       bool          `help:"Run a chain with a local key beside the service. Everything drawn on it is a REHEARSAL." env:"KLERO_DEVCHAIN"`
	DevchainListen string        `name:"devchain-listen" default:"127.0.0.1:0" validate:"address" help:"Address of the devchain's relay." env:"KLERO_DEVCHAIN_LISTEN"`
	DevchainPeriod time.Duration `name:"devchain-period" default:"3s" validate:"min=1s,max=1h" help:"Period of a new devchain, in whole seconds." env:"KLERO_DEVCHAIN_PERIOD"`
	RehearsalLead  time.Duration `name:"rehearsal-lead" default:"5s" validate:"min=1s" help:"Lead on a devchain." env:"KLERO_REHEARSAL_LEAD"`

	AdminToken     string   `name:"admin-token" secret:"true" help:"Token (klr_…) that is made an operator's key at the start." env:"KLERO_ADMIN_TOKEN"`
	AdminTokenFile string   `name:"admin-token-file" type:"path" help:"File that holds the admin token." env:"KLERO_ADMIN_TOKEN_FILE"`
	UploadLimit    int64    `name:"upload-limit" default:"536870912" validate:"min=1048576" help:"Most bytes of a register upload." env:"KLERO_UPLOAD_LIMIT"`
	TrustedProxy   []string `name:"trusted-proxy" validate:"dive,cidr|ip" help:"Proxies whose X-Forwarded-For is believed." env:"KLERO_TRUSTED_PROXY"`
	SMTP           string   `name:"smtp-url" secret:"true" help:"Mail server for invitations: smtp://user:password@host:587 or smtps://…; nothing is mailed when empty." env:"KLERO_SMTP_URL"`
	MailFrom       string   `name:"mail-from" validate:"omitempty,email" help:"Sender of invitations." env:"KLERO_MAIL_FROM"`
	MailDir        string   `name:"mail-dir" type:"path" help:"Folder to put invitations into in place of sending them, for trials." env:"KLERO_MAIL_DIR"`
	WebhookURL     string   `name:"webhook-url" validate:"omitempty,http_url" help:"Address that is told of every public record but ballots." env:"KLERO_WEBHOOK_URL"`
	WebhookSecret  string   `name:"webhook-secret" secret:"true" validate:"omitempty,min=16" help:"Shared secret that signs what the webhook is told." env:"KLERO_WEBHOOK_SECRET"`
	OpenMetrics    bool     `name:"open-metrics" help:"Serve /metrics to anyone rather than to operators only." env:"KLERO_OPEN_METRICS"`

	LogFormat string `name:"log-format" default:"auto" validate:"oneof=auto text json" help:"auto is text on a terminal, else JSON." env:"KLERO_LOG_FORMAT"`
	LogLevel  string `name:"log-level" default:"info" validate:"oneof=debug info warn error" help:"debug, info, warn or error." env:"KLERO_LOG_LEVEL"`
}

// Problem is a setting that cannot be used.
type Problem struct {
	Field string
	Text  string
}

func (p Problem) Error() string { return p.Field + ": " + p.Text }

// Resolve reads the secrets that are kept in files. A value and its file together are refused: one
// of them would silently lose.
func (c *Config) Resolve() error {
	for _, s := range []struct {
		name  string
		value *string
		file  string
	}{{"database-url", &c.DatabaseURL, c.DatabaseURLFile}, {"admin-token", &c.AdminToken, c.AdminTokenFile}} {
		if s.file == "" {
			continue
		}
		if *s.value != "" {
			return Problem{s.name, "is given twice, as value and as file"}
		}
		b, err := os.ReadFile(s.file)
		if err != nil {
			return Problem{s.name + "-file", err.Error()}
		}
		*s.value = strings.TrimSpace(string(b))
	}
	return nil
}

// Check returns every setting that cannot be used, joined.
func (c *Config) Check() error {
	var problems []error
	v := validator.New(validator.WithRequiredStructEnabled())
	if err := v.RegisterValidation("address", isAddress); err != nil {
		return err
	}
	if err := v.Struct(c); err != nil {
		var bad validator.ValidationErrors
		if !errors.As(err, &bad) {
			return err
		}
		for _, f := range bad {
			problems = append(problems, Problem{flagOf(strings.Split(f.StructField(), "[")[0]), strings.TrimSpace(fmt.Sprintf("%v breaks the rule %s %s", shown(f), f.Tag(), f.Param()))})
		}
	}
	problems = append(problems, c.checkNotices()...)
	if c.DevchainPeriod%time.Second != 0 {
		problems = append(problems, Problem{"devchain-period", "is not a whole number of seconds"})
	}
	if !c.Devchain {
		problems = append(problems, c.checkChain()...)
	}
	if c.AdminToken != "" && !tokenForm.MatchString(c.AdminToken) {
		problems = append(problems, Problem{"admin-token", "is not of the form klr_<16 characters>_<43 characters>"})
	}
	for _, r := range c.Relay {
		if address, org, ok := strings.Cut(r, "="); !ok || org == "" || !isURL(address) {
			problems = append(problems, Problem{"relay", fmt.Sprintf("%q is not URL=ORGANISATION", r)})
		}
	}
	return errors.Join(problems...)
}

// checkNotices refuses connectors that are half set.
func (c *Config) checkNotices() (problems []error) {
	if (c.SMTP == "") != (c.MailFrom == "") {
		problems = append(problems, Problem{"mail-from", "goes with smtp-url: give both or none"})
	}
	if c.SMTP != "" && c.MailDir != "" {
		problems = append(problems, Problem{"mail-dir", "is for trials without smtp-url: give one of them"})
	}
	if (c.SMTP != "" || c.MailDir != "") && c.PublicURL == "" {
		problems = append(problems, Problem{"public-url", "is needed for the link in invitations"})
	}
	if (c.WebhookURL == "") != (c.WebhookSecret == "") {
		problems = append(problems, Problem{"webhook-secret", "goes with webhook-url: give both or none"})
	}
	return problems
}

// tokenForm is that of an API key as the service makes it.
var tokenForm = regexp.MustCompile(`^klr_[0-9a-f]{16}_[A-Za-z0-9_-]{43}$`)

// checkChain refuses a chain that no draw could be opened on.
func (c *Config) checkChain() []error {
	chain, ok := beacon.Pinned().ByName(c.Chain)
	if hash, err := beacon.ParseHash(c.Chain); err == nil && !ok {
		chain, ok = beacon.Pinned().Lookup(hash)
	}
	switch {
	case !ok:
		return []error{Problem{"chain", fmt.Sprintf("%q is not the name or hash of a known chain", c.Chain)}}
	case chain.Status == beacon.StatusRetired:
		return []error{Problem{"chain", fmt.Sprintf("%s makes no more rounds", chain.Name)}}
	}
	return nil
}

// isAddress accepts host:port as net.Listen does; port 0 asks the system for a free one.
func isAddress(f validator.FieldLevel) bool {
	_, port, err := net.SplitHostPort(f.Field().String())
	if err != nil {
		return false
	}
	_, err = strconv.ParseUint(port, 10, 16)
	return err == nil
}

func isURL(s string) bool {
	u, err := url.Parse(s)
	return err == nil && u.Host != "" && (u.Scheme == "http" || u.Scheme == "https")
}

func shown(f validator.FieldError) any {
	switch f.StructField() {
	case "DatabaseURL", "AdminToken", "SMTP", "WebhookSecret":
		return "the value (not shown)"
	}
	return fmt.Sprintf("%q", fmt.Sprint(f.Value()))
}

// StoreURL is the database in the form of package store.
func (c *Config) StoreURL() string {
	if c.DatabaseURL != "" {
		return c.DatabaseURL
	}
	return "sqlite:" + filepath.Join(c.Data, "kleroterion.db")
}

// KeyFile is where the log's signing key is.
func (c *Config) KeyFile() string {
	if c.LogKeyFile != "" {
		return c.LogKeyFile
	}
	return filepath.Join(c.Data, "log.key")
}

// PublicDir is the folder of the published log.
func (c *Config) PublicDir() string { return filepath.Join(c.Data, "public") }
