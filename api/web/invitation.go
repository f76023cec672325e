package web

import (
	"context"
	"net/http"
	"slices"

	"github.com/gin-gonic/gin"

	"kleroterion/service"
	"kleroterion/service/seating"
)

// invitation is what a code opens. The code travels in bodies of forms alone, and no page that has it
// is kept by a cache.
type invitation struct {
	Code     string
	Wrong    string // what is the matter with the code or the answer
	Found    bool
	Now      service.Invitation
	Decision string
	Trial    bool // the draw is a rehearsal
	Answers  []answer
	Chosen   answer
	Grounds  []ground
}

// answer is one thing that a person with a code can do.
type answer struct {
	Act          seating.Act
	Button, Tone string
	Meaning      string // what follows from it
	Done         string // what is said afterwards
	Ground, Poll bool   // is asked for
	Key          bool   // a key can go with it
}

type ground struct {
	Value seating.Ground
	Text  string
}

func (p *Pages) askCode(c *gin.Context) error {
	return p.showInvitation(c, "invitation", http.StatusOK, invitation{})
}

// invitation shows what the code opens, with three buttons.
func (p *Pages) invitation(c *gin.Context) error {
	in, err := p.opened(c)
	if err != nil {
		return err
	}
	return p.showInvitation(c, "invitation", in.status(), in)
}

// chosen asks once more: an answer cannot be taken back.
func (p *Pages) chosen(c *gin.Context) error {
	in, err := p.opened(c)
	if err != nil {
		return err
	}
	if in.Wrong != "" || !in.choose(c) {
		return p.showInvitation(c, "invitation", in.status(), in)
	}
	return p.showInvitation(c, "answer", http.StatusOK, in)
}

// answered gives the answer, without a key: keys are made by the script, which uses the API.
func (p *Pages) answered(c *gin.Context) error {
	in, err := p.opened(c)
	if err != nil {
		return err
	}
	if in.Wrong != "" || !in.choose(c) {
		return p.showInvitation(c, "invitation", in.status(), in)
	}
	form := c.Request.PostForm
	done, err := p.Service.Answer(c.Request.Context(), in.Code, service.Answer{Act: in.Chosen.Act, Ground: seating.Ground(form.Get("ground")), Poll: form.Get("poll")})
	switch service.KindOf(err) {
	case service.KindInvalid, service.KindConflict, service.KindNotFound:
		in.Wrong = err.Error()
		return p.showInvitation(c, "answer", http.StatusUnprocessableEntity, in)
	}
	if err != nil {
		return err
	}
	in.Now = done
	return p.showInvitation(c, "answered", http.StatusOK, in)
}

// opened looks the code of a form up.
func (p *Pages) opened(c *gin.Context) (in invitation, err error) {
	c.Request.Body = http.MaxBytesReader(c.Writer, c.Request.Body, maxForm)
	if err := c.Request.ParseForm(); err != nil {
		return in, service.Refuse(service.KindInvalid, "form", "The form could not be read.")
	}
	in.Code = c.Request.PostForm.Get("code")
	in.Now, err = p.Service.Invitation(c.Request.Context(), in.Code)
	if service.KindOf(err) == service.KindNotFound {
		in.Code = in.Code[:min(len(in.Code), 40)]
		in.Wrong = "This code opens nothing: it is mistyped, used, replaced by a newer letter, or its time is over. If it is not a slip, ask the city for a new letter."
		return in, nil
	}
	if err != nil {
		return in, err
	}
	in.Found, in.Decision, in.Answers = true, decisionOf(in.Now.Decision), answersTo(in.Now)
	in.Grounds = grounds()
	in.Trial, err = p.rehearsed(c.Request.Context(), in.Now)
	return in, err
}

// rehearsed looks the draw of an invitation up among those of its city, the newest first.
func (p *Pages) rehearsed(ctx context.Context, v service.Invitation) (bool, error) {
	for after := ""; ; {
		list, err := p.Service.Draws(ctx, v.City, service.Window{After: after, Limit: most})
		if err != nil {
			return false, err
		}
		for _, d := range list {
			if d.Subject == v.Decision && d.State == service.DrawDrawn {
				return d.Rehearsal, nil
			}
			after = d.ID
		}
		if len(list) < most {
			return false, service.Refuse(service.KindNotFound, "not_found", "The draw of this letter is not there.")
		}
	}
}

func grounds() (list []ground) {
	for _, g := range seating.Grounds() {
		list = append(list, ground{g, groundWords(g)})
	}
	return list
}

func (in *invitation) choose(c *gin.Context) bool {
	act := seating.Act(c.Request.PostForm.Get("act"))
	i := slices.IndexFunc(in.Answers, func(a answer) bool { return a.Act == act })
	if i < 0 {
		in.Wrong = "Choose one of the answers below."
		return false
	}
	in.Chosen = in.Answers[i]
	return true
}

func (in *invitation) status() int {
	switch {
	case in.Wrong == "":
		return http.StatusOK
	case in.Found:
		return http.StatusUnprocessableEntity
	}
	return http.StatusNotFound
}

func (p *Pages) showInvitation(c *gin.Context, name string, status int, in invitation) error {
	v := view{Title: "Your letter", Rehearsal: in.Trial, Private: true, Page: in}
	if name == "answer" && in.Chosen.Key {
		v.Script = "key.js"
	}
	return p.show(c, name, status, v)
}
