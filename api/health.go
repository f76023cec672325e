package api

import (
	"context"
	"errors"
	"runtime"
	"runtime/debug"

	"kleroterion/service"
)

// Health is the answer of the probes.
type Health struct {
	Status string `json:"status" enum:"ok"`
}

// Version is what runs here.
type Version struct {
	Version  string `json:"version"`
	Revision string `json:"revision,omitempty" description:"of the source, where the build knows it"`
	Modified bool   `json:"modified,omitempty" description:"built from a changed source tree"`
	Go       string `json:"go"`
}

func (a *API) healthRoutes() []route {
	probe := func(path, id, summary, about string, do func(context.Context, asked[nothing]) (answer[Health], error)) route {
		return define(operation{method: "GET", path: path, id: id, tag: "health", summary: summary, about: about}, do)
	}
	const ready = "503 while the database cannot be used or the server is shutting down."
	return []route{
		probe("/livez", "getLive", "Tell whether the process lives", "", a.live),
		probe("/readyz", "getReady", "Tell whether requests can be served", ready, a.ready),
		probe("/healthz", "getHealth", "The same as /readyz", ready, a.ready),
		define(operation{method: "GET", path: "/version", id: "getVersion", tag: "health", summary: "Tell what runs here"}, a.version),
	}
}

func (a *API) live(context.Context, asked[nothing]) (answer[Health], error) {
	return answer[Health]{body: Health{"ok"}, cache: cachePrivate}, nil
}

func (a *API) ready(ctx context.Context, _ asked[nothing]) (answer[Health], error) {
	select {
	case <-a.closing:
		return answer[Health]{}, service.Refuse(service.KindUnavailable, "closing", "the server is shutting down")
	default:
	}
	if err := a.Service.Ready(ctx); err != nil {
		refusal := service.Refuse(service.KindUnavailable, "not_ready", "the service cannot do its work")
		return answer[Health]{}, errors.Join(refusal, err) // the cause is for the log
	}
	return answer[Health]{body: Health{"ok"}, cache: cachePrivate}, nil
}

func (a *API) version(context.Context, asked[nothing]) (answer[Version], error) {
	v := Version{Version: a.Version, Go: runtime.Version()}
	info, known := debug.ReadBuildInfo()
	if !known {
		return ok(v), nil
	}
	for _, s := range info.Settings {
		switch s.Key {
		case "vcs.revision":
			v.Revision = s.Value
		case "vcs.modified":
			v.Modified = s.Value == "true"
		}
	}
	return ok(v), nil
}
