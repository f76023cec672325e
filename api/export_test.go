package api

import (
	"time"

	"github.com/gin-gonic/gin"
)

// Routes lists what the router answers.
func (a *API) Routes() gin.RoutesInfo { return a.engine.Routes() }

// WeightsOfCSV reads a file of weights.
var WeightsOfCSV = weightsOfCSV

// MaxBuckets and the limiter, for the test of its bounds.
const MaxBuckets = maxBuckets

type Limiter struct{ *limiter }

func NewLimiter(r Rate) Limiter { return Limiter{newLimiter("test", r)} }

func (l Limiter) Allows(name string, now time.Time) bool {
	_, wait := l.take(name, now)
	return wait == 0
}

func (l Limiter) Len() int { return l.used.Len() }
