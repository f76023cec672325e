package api

import (
	"errors"
	"io/fs"
	"net/http"
	"regexp"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"kleroterion/service"
)

// A published file: which names it may have, what it is and how long it stays as it is. Names that
// match none of these do not exist, whatever lies in the folder.
type published struct {
	names *regexp.Regexp
	media string
	cache string
}

// publishedFiles are the files of docs/spec/record.md. Tiles, full or partial, and blobs are fixed by
// their names.
func publishedFiles() []published {
	const text, data, object = "text/plain; charset=utf-8", "application/octet-stream", "application/json"
	return []published{
		{regexp.MustCompile(`^checkpoint$`), text, cachePrivate},
		{regexp.MustCompile(`^(policy\.txt|vkey)$`), text, cacheRevalidate},
		{regexp.MustCompile(`^tile/([0-9]|[1-5][0-9]|6[0-3]|entries)/(x[0-9]{3}/)*[0-9]{3}(\.p/[1-9][0-9]{0,2})?$`), data, cacheForever},
		{regexp.MustCompile(`^chains/[0-9a-f]{64}\.json$`), object, cacheForever},
		{regexp.MustCompile(`^blob/sha256/[0-9a-f]{2}/[0-9a-f]{64}$`), data, cacheForever},
	}
}

type fileName struct {
	File string `path:"file"`
}

func (a *API) fileRoutes() []route {
	files := publishedFiles()
	return []route{raw(operation{
		method: "GET", path: "/log/{file}", id: "getLogFile", tag: "log", media: "application/octet-stream",
		summary: "Get a published file of the log",
		about:   "checkpoint, policy.txt, vkey, tile/… and blob/sha256/… (docs/spec/record.md, c2sp.org/tlog-tiles). The name may hold slashes.",
	}, func(c *gin.Context, q asked[fileName]) error {
		return a.getLogFile(c, files, strings.TrimPrefix(q.in.File, "/"))
	})}
}

func (a *API) getLogFile(c *gin.Context, files []published, name string) error {
	for _, kind := range files {
		if kind.names.MatchString(name) {
			return a.servePublished(c, kind, name)
		}
	}
	return noSuchFile()
}

// servePublished opens the file inside the public folder: os.Root lets no link or name lead out of it.
func (a *API) servePublished(c *gin.Context, kind published, name string) error {
	if a.public == nil {
		return noSuchFile()
	}
	file, err := a.public.Open(name)
	if errors.Is(err, fs.ErrNotExist) {
		return noSuchFile()
	}
	if err != nil {
		return err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return err
	}
	if !info.Mode().IsRegular() {
		return noSuchFile()
	}
	c.Header("Content-Type", kind.media)
	c.Header("Cache-Control", kind.cache)
	if kind.cache == cacheForever {
		c.Header("ETag", `"`+name+`"`)
	}
	http.ServeContent(paced{c.Writer, c}, c.Request, "", time.Time{}, file)
	return nil
}

func noSuchFile() error {
	return service.Refuse(service.KindNotFound, "not_found", "no such published file").WithHint("docs/spec/record.md lists the names")
}
