package api

import (
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"html/template"
	"time"

	"kleroterion/service"
)

//go:embed sheets.html
var sheetText string

//go:embed sheets.css
var sheetStyle string

// sheets are letters as a page to print, one a sheet. The page is whole in itself: it may be saved and
// printed elsewhere.
type sheets struct {
	City      string
	Decision  string
	Rehearsal bool
	Letters   []service.Letter
	Web       string // where a code is typed
	Phone     string // "" for none
	Post      string // "" for none
	Draw      string // where the draw is shown
}

// Style is the one style that the page may have.
func (sheets) Style() template.CSS { return template.CSS(sheetStyle) }

// write sends the page. Its policy admits its own style and nothing else.
func (s sheets) write(w *outflow) error {
	t, err := template.New("sheets").Funcs(template.FuncMap{"moment": moment, "day": day}).Parse(sheetText)
	if err != nil {
		return err
	}
	sum := sha256.Sum256([]byte(sheetStyle))
	w.c.Header("Content-Security-Policy", "default-src 'none'; style-src 'sha256-"+base64.StdEncoding.EncodeToString(sum[:])+
		"'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
	return t.Execute(w, s)
}

// moment writes the last second that is not too late, as people read it.
func moment(deadline int64) string {
	return time.Unix(deadline-1, 0).UTC().Format("Monday 2 January 2006, 15:04:05") + " UTC"
}

func day(t int64) string { return time.Unix(t, 0).UTC().Format("2 January 2006") }
