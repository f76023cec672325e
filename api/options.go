package api

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"time"
)

// Options are what an API works with. Service, Now, Entropy and Logger are required.
type Options struct {
	Service Service
	Now     func() time.Time
	Entropy io.Reader // names requests
	Logger  *slog.Logger

	PublicDir      string   // folder of the published log, served under /log/; "" serves none
	TempDir        string   // where bundles are built; "" is the system's
	Version        string   // of the program
	TrustedProxies []string // addresses or networks whose X-Forwarded-For counts; default none
	UploadLimit    int64    // bytes of a register upload; default 512 MiB
	PerAddress     Rate     // requests of one address; default 50/s, bursts of 200
	PerKey         Rate     // requests of one key; default 100/s, bursts of 400
	Ballots        Rate     // ballots and gifts from one address; default 2000/s, bursts of 10000
	Codes          Rate     // requests with an invitation's code from one address; default 1/s, bursts of 20
	Stats          func(context.Context) (Stats, error)
	OpenMetrics    bool          // serve /metrics to anyone, not only to operators
	Poll           time.Duration // how often what is followed is looked at; default 500 ms
}

// Rate is a token bucket: PerSecond requests on average, Burst at once.
type Rate struct {
	PerSecond float64
	Burst     int
}

const (
	jsonLimit          = 1 << 20
	defaultUploadLimit = 512 << 20
	defaultPoll        = 500 * time.Millisecond
	maxFollowers       = 256 // event streams of jobs at once, and as many of polls and rounds
	maxSpools          = 4   // bundles built at once
)

func (o *Options) complete() error {
	if o.Service == nil || o.Now == nil || o.Entropy == nil || o.Logger == nil {
		return errors.New("api options: Service, Now, Entropy and Logger are required")
	}
	if o.UploadLimit == 0 {
		o.UploadLimit = defaultUploadLimit
	}
	if o.UploadLimit < jsonLimit {
		return errors.New("api options: UploadLimit is below 1 MiB")
	}
	o.PerAddress = o.PerAddress.or(Rate{PerSecond: 50, Burst: 200})
	o.PerKey = o.PerKey.or(Rate{PerSecond: 100, Burst: 400})
	o.Ballots = o.Ballots.or(Rate{PerSecond: 2000, Burst: 10_000})
	o.Codes = o.Codes.or(Rate{PerSecond: 1, Burst: 20})
	if o.Poll == 0 {
		o.Poll = defaultPoll
	}
	return nil
}

func (r Rate) or(other Rate) Rate {
	if r == (Rate{}) {
		return other
	}
	return r
}
