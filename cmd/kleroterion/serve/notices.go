package serve

import (
	"kleroterion/cmd/kleroterion/config"
	"kleroterion/cmd/kleroterion/notify"
	"kleroterion/service"
)

// mailer returns what sends invitations, nil when they are printed.
func mailer(c *config.Config) (service.Mailer, error) {
	switch {
	case c.SMTP != "":
		return notify.NewSMTP(c.SMTP, c.MailFrom)
	case c.MailDir != "":
		return notify.NewFolder(c.MailDir)
	}
	return nil, nil
}

// hook returns who is told of public records, nil when nobody is.
func (i *Instance) hook(c *config.Config) service.Hook {
	if c.WebhookURL == "" {
		return nil
	}
	return notify.NewWebhook(c.WebhookURL, c.WebhookSecret, i.world.Now)
}
