package api

import (
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"

	"github.com/gin-gonic/gin"

	"kleroterion/api/web"
	"kleroterion/service"
)

// API serves every route. It is an [http.Handler] and safe for concurrent use.
type API struct {
	Options
	engine    *gin.Engine
	check     *checker
	metrics   *metrics
	byAddress map[pace]*limiter
	byKey     *limiter
	paces     map[string]pace // of operations that are not held to the usual one
	public    *os.Root        // the published log, nil for none
	spec      []byte
	pages     *web.Pages
	followers chan struct{} // one token for each event stream of a job
	watchers  chan struct{} // the same of a poll or round: strangers do not keep officials out
	told      roundsTold
	spools    chan struct{} // one token for each bundle being built
	closing   chan struct{}
	closed    sync.Once
}

// New builds the routes and the OpenAPI document. It fails when the options do not fit, the public
// folder cannot be opened or a proxy's address does not parse.
func New(o Options) (*API, error) {
	if err := o.complete(); err != nil {
		return nil, err
	}
	a := &API{
		Options: o, check: newChecker(), metrics: newMetrics(o.Stats),
		byAddress: map[pace]*limiter{usual: newLimiter("default", o.PerAddress), balloted: newLimiter("ballots", o.Ballots), coded: newLimiter("codes", o.Codes)},
		byKey:     newLimiter("default", o.PerKey),
		followers: make(chan struct{}, maxFollowers), watchers: make(chan struct{}, maxFollowers), spools: make(chan struct{}, maxSpools),
		closing: make(chan struct{}),
	}
	a.paces = pacesOf(a.routes())
	var err error
	if o.PublicDir != "" {
		if a.public, err = os.OpenRoot(o.PublicDir); err != nil {
			return nil, err
		}
	}
	if a.spec, err = specOf(a.routes(), a.check.forms); err != nil {
		return nil, err
	}
	if a.pages, err = a.newPages(); err != nil {
		return nil, err
	}
	return a, a.build()
}

// ServeHTTP answers one request.
func (a *API) ServeHTTP(w http.ResponseWriter, r *http.Request) { a.engine.ServeHTTP(w, r) }

// Close ends the streams that would otherwise outlive a shutdown. It may be called more than once.
func (a *API) Close() { a.closed.Do(func() { close(a.closing) }) }

// Spec returns the OpenAPI 3.1 document.
func (a *API) Spec() []byte { return slices.Clone(a.spec) }

// routes lists every route that the OpenAPI document describes.
func (a *API) routes() []route {
	return slices.Concat(
		a.cityRoutes(), a.keyRoutes(), a.registerRoutes(), a.uploadRoutes(), a.entryRoutes(), a.residentRoutes(),
		a.proposalRoutes(), a.drawRoutes(), a.drawFileRoutes(), a.lotteryRoutes(), a.lotteryFileRoutes(), a.drawnPanelRoutes(), a.seatRoutes(), a.letterRoutes(), a.invitationRoutes(),
		a.communityRoutes(), a.charterRoutes(), a.memberRoutes(), a.pollRoutes(), a.pollFileRoutes(), a.ballotRoutes(),
		a.roundRoutes(), a.topupRoutes(), a.weightRoutes(), a.projectRoutes(), a.reviewRoutes(),
		a.giftRoutes(), a.importRoutes(), a.estimateRoutes(), a.resultRoutes(), a.sheetRoutes(), a.payoutRoutes(), a.roundFileRoutes(),
		a.beaconRoutes(), a.chainRoutes(), a.relayRoutes(),
		a.jobRoutes(), a.logRoutes(), a.fileRoutes(), a.healthRoutes(), a.metricsRoutes(), a.docsRoutes(),
	)
}

// build makes the router.
func (a *API) build() error {
	gin.SetMode(gin.ReleaseMode)
	e := gin.New()
	e.HandleMethodNotAllowed = true
	e.RedirectTrailingSlash = false
	e.RedirectFixedPath = false
	e.RemoteIPHeaders = []string{"X-Forwarded-For"}
	if err := e.SetTrustedProxies(a.TrustedProxies); err != nil {
		return err
	}
	e.Use(a.named, a.logged, a.recovered, guarded, a.timed, a.limitedByAddress)
	e.NoMethod(a.noMethod)
	e.NoRoute(a.noRoute)
	for _, r := range a.routes() {
		a.mount(e, r)
	}
	a.pages.Mount(e)
	a.engine = e
	return nil
}

// mount adds a route, with HEAD beside each GET.
func (a *API) mount(e *gin.Engine, r route) {
	chain := []gin.HandlerFunc{a.authenticated, a.limitedByKey}
	if r.access == public && reads(r.method) {
		chain = append(chain, shared)
	}
	chain = append(chain, func(c *gin.Context) {
		if err := r.serve(a, c); err != nil {
			a.refuse(c, err)
		}
	})
	e.Handle(r.method, ginPath(r.path), chain...)
	if r.method == http.MethodGet {
		e.Handle(http.MethodHead, ginPath(r.path), chain...)
	}
}

// ginPath turns /v1/cities/{city} into /v1/cities/:city; the one parameter that spans segments is
// {file}.
func ginPath(path string) string {
	return strings.NewReplacer("{file}", "*file", "{", ":", "}", "").Replace(path)
}

func (a *API) noMethod(c *gin.Context) {
	if c.Request.Method == http.MethodOptions {
		options(c)
		return
	}
	a.refuse(c, methodUnknown.problem("method", "this path does not know the method; Allow lists those that it knows"))
}

// noRoute answers people with a page and programs with a problem.
func (a *API) noRoute(c *gin.Context) {
	browser := strings.Contains(c.GetHeader("Accept"), "text/html")
	if strings.HasPrefix(c.Request.URL.Path, "/v1/") || !browser {
		a.refuse(c, service.Refuse(service.KindNotFound, "no_route", "there is nothing at this path").WithHint("/openapi.json lists every path"))
		return
	}
	a.pages.Missing(c)
}
