package api

import (
	"github.com/gin-gonic/gin"
)

func (a *API) docsRoutes() []route {
	return []route{
		raw(operation{
			method: "GET", path: "/openapi.json", id: "getOpenAPI", tag: "health", media: "application/json",
			summary: "Get this document", about: "OpenAPI 3.1; /docs is the same for people.",
		}, func(c *gin.Context, _ asked[nothing]) error {
			return send(c, operation{method: "GET"}, envelope{body: a.spec})
		}),
	}
}
