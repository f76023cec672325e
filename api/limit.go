package api

import (
	recent "container/list"
	"fmt"
	"math"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"time"

	"github.com/gin-gonic/gin"
	"golang.org/x/time/rate"
)

// maxBuckets bounds the memory that strangers can make us use. Who is forgotten starts with a full
// bucket, so a limit can be evaded only by coming from more addresses than this.
const maxBuckets = 10_000

// limiter keeps one token bucket a caller, the recently seen ones.
type limiter struct {
	name string // in the headers
	rate Rate
	mu   sync.Mutex
	by   map[string]*recent.Element
	used recent.List // of *bucket, recently used first
}

type bucket struct {
	name string
	*rate.Limiter
}

func newLimiter(name string, r Rate) *limiter {
	return &limiter{name: name, rate: r, by: map[string]*recent.Element{}}
}

// pace says to which rate of an address an operation is held.
type pace int

const (
	usual    pace = iota
	balloted      // many voters or donors may sit behind one address
	coded         // the body has a code: nobody needs many
)

// codePages is how the paths of pages begin that take a code.
const codePages = "/invitation"

// pacesOf finds the operations with a rate of their own, by method and template.
func pacesOf(routes []route) map[string]pace {
	paces := map[string]pace{}
	for _, r := range routes {
		if r.pace != usual {
			paces[r.method+" "+ginPath(r.path)] = r.pace
		}
	}
	return paces
}

// take spends a token of the named bucket. It returns what is left, and when there is none, how long
// until there is.
func (l *limiter) take(name string, now time.Time) (left int, wait time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	b := l.bucket(name)
	if b.AllowN(now, 1) {
		return int(b.TokensAt(now)), 0
	}
	missing := 1 - b.TokensAt(now)
	return 0, max(time.Duration(missing/l.rate.PerSecond*float64(time.Second)), time.Millisecond)
}

func (l *limiter) bucket(name string) *bucket {
	if e, known := l.by[name]; known {
		l.used.MoveToFront(e)
		return e.Value.(*bucket)
	}
	if l.used.Len() >= maxBuckets {
		oldest := l.used.Back()
		delete(l.by, l.used.Remove(oldest).(*bucket).name)
	}
	b := &bucket{name, rate.NewLimiter(rate.Limit(l.rate.PerSecond), l.rate.Burst)}
	l.by[name] = l.used.PushFront(b)
	return b
}

// limitedByAddress holds everyone to the rate of an address.
func (a *API) limitedByAddress(c *gin.Context) {
	of := a.paces[c.Request.Method+" "+c.FullPath()]
	if c.Request.Method == http.MethodPost && strings.HasPrefix(c.FullPath(), codePages) {
		of = coded
	}
	a.limited(c, a.byAddress[of], network(c.ClientIP()))
}

// limitedByKey holds each key to its rate, from however many addresses it comes.
func (a *API) limitedByKey(c *gin.Context) {
	if who := actorOf(c); who.KeyID != "" {
		a.limited(c, a.byKey, who.KeyID)
	}
}

func (a *API) limited(c *gin.Context, l *limiter, name string) {
	left, wait := l.take(name, a.Now())
	full := math.Ceil(float64(l.rate.Burst) / l.rate.PerSecond)
	c.Header("RateLimit-Policy", fmt.Sprintf(`"%s";q=%d;w=%.0f`, l.name, l.rate.Burst, full))
	seconds := int64(math.Ceil(wait.Seconds()))
	c.Header("RateLimit", fmt.Sprintf(`"%s";r=%d;t=%d`, l.name, left, seconds))
	if wait > 0 {
		c.Set(codeKey, "rate")
		p := tooMany.problem("rate", "more requests than %g in a second", l.rate.PerSecond)
		p.RequestID = requestID(c)
		writeProblem(c, p, seconds)
	}
}

// network is the address of an IPv4 caller and the /64 of an IPv6 one, which is one subscriber.
func network(address string) string {
	ip, err := netip.ParseAddr(address)
	if err != nil || ip.Unmap().Is4() {
		return address
	}
	prefix, err := ip.WithZone("").Prefix(64)
	if err != nil {
		return address
	}
	return prefix.String()
}
