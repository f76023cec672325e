package api

import (
	"context"
	"strings"

	"kleroterion/service"
)

// NewLetters says which letters to print, and what they tell beside the code. What is left out is left
// out of the letters too.
type NewLetters struct {
	Seats []int64 `json:"seats,omitempty" validate:"max=10000,unique,dive,min=1,max=10000000" description:"numbers of the seats; left out: all that a letter of this purpose fits"`
	Web   string  `json:"web,omitempty" validate:"max=200" description:"address of the page where a code is typed; left out: /invitation at this instance"`
	Phone string  `json:"phone,omitempty" validate:"max=100" description:"number to call"`
	Post  string  `json:"post,omitempty" validate:"max=300" description:"postal address to which a card may be sent"`
}

type newLetters struct {
	Draw    string `path:"draw" validate:"id"`
	Purpose string `query:"purpose" validate:"oneof=answer key" required:"true" description:"answer: invitations. key: for people who serve, to give a key, withdraw or be recused"`
	Format  string `query:"format" validate:"omitempty,oneof=csv html" description:"left out: html for who accepts that and not CSV, else csv"`
	Body    NewLetters
}

func (a *API) letterRoutes() []route {
	return []route{
		download(operation{
			method: "POST", path: "/v1/draws/{draw}/letters", id: "printLetters", tag: "seats", media: "text/csv", also: "text/html", access: keyed, anew: true,
			summary: "Print letters with codes",
			about:   "For registrars of the city: a CSV file for a mail merge, or a page to print with one letter a sheet. Each print has fresh codes, and those printed before for the same seat and purpose are void. Codes are kept only as digests: they are shown this once.",
		}, a.printLetters),
	}
}

func (a *API) printLetters(ctx context.Context, q asked[newLetters], w *outflow) error {
	page := q.in.page(w)
	if page {
		w.op.media = "text/html"
	}
	if !accepts(w.c.Request.Header, w.op.media) {
		return unacceptable.problem("not_acceptable", "these letters are %s, which Accept excludes", w.op.media)
	}
	d, err := a.Service.Draw(ctx, q.in.Draw)
	if err != nil {
		return err
	}
	letters, err := a.Service.Letters(ctx, q.who, q.in.Draw, service.CodePurpose(q.in.Purpose), q.in.Body.Seats)
	if err != nil {
		return err
	}
	if !page {
		w.named("letters-" + q.in.Draw + ".csv")
		return service.WriteLetters(w, letters)
	}
	city, err := a.Service.City(ctx, d.City)
	if err != nil {
		return err
	}
	s := sheets{City: city.Name, Decision: decisionOf(d.Subject), Rehearsal: d.Rehearsal, Letters: letters,
		Web: q.in.Body.Web, Phone: q.in.Body.Phone, Post: q.in.Body.Post, Draw: w.c.Request.Host + "/draws/" + d.ID}
	if s.Web == "" {
		s.Web = w.c.Request.Host + "/invitation"
	}
	return s.write(w)
}

// page reports whether letters are asked for as a page.
func (in newLetters) page(w *outflow) bool {
	if in.Format != "" {
		return in.Format == "html"
	}
	accept := w.c.GetHeader("Accept")
	return strings.Contains(accept, "text/html") && !strings.Contains(accept, "text/csv")
}

// decisionOf is what a jury decides, from the subject of its draw: city/<slug>/jury/<decision>.
func decisionOf(subject string) string {
	if parts := strings.SplitN(subject, "/", 4); len(parts) == 4 {
		return parts[3]
	}
	return subject
}
