package api

import (
	"context"
	"encoding/json"

	"kleroterion/service"
	"kleroterion/service/poll"
	"kleroterion/service/ratio"
	"kleroterion/service/voting"
)

// NewPoll asks a community a question.
type NewPoll struct {
	Name     string          `json:"name" validate:"slug" description:"last segment of its subject in the log; a question is put once under its name"`
	Question string          `json:"question" validate:"required,max=500"`
	Class    string          `json:"class" validate:"oneof=ordinary external amendment" description:"external: it touches people outside the community. amendment: it changes the charter"`
	Method   string          `json:"method" validate:"oneof=yes_no approval score irv schulze quadratic" description:"of an amendment: yes_no"`
	Options  []Option        `json:"options,omitempty" validate:"max=100,dive" description:"2 to 100, in the order in which they are shown; none for yes_no"`
	Winners  int64           `json:"winners,omitempty" validate:"min=0,max=100" description:"how many options are elected at most; left out for yes_no"`
	MaxScore int64           `json:"max_score,omitempty" validate:"min=0,max=1000" description:"of score: the best one"`
	Credits  int64           `json:"credits,omitempty" validate:"min=0,max=1000000" description:"of quadratic: most that the squares of a ballot's votes may sum to"`
	Negative bool            `json:"negative,omitempty" description:"of quadratic: votes against an option are allowed"`
	Minimum  string          `json:"minimum,omitempty" validate:"omitempty,ratio" description:"of approval and score: least combined score of an elected option, as a fraction"`
	Closes   int64           `json:"closes" validate:"min=1,max=9007199254740991" description:"first second at which a ballot is too late"`
	Draw     string          `json:"draw,omitempty" validate:"omitempty,id" description:"whose seats are the jury; needed where the charter has one"`
	Charter  json.RawMessage `json:"charter,omitempty" description:"of an amendment, and only there: the proposed charter, in any layout"`
}

// Option is one thing to choose.
type Option struct {
	ID   string `json:"id" validate:"option" description:"ballots name it"`
	Name string `json:"name" validate:"required,max=200" description:"what it says"`
}

type newPoll struct {
	Community string `path:"community" validate:"slug"`
	Body      NewPoll
}

func (a *API) openPoll(ctx context.Context, q asked[newPoll]) (answer[Poll], error) {
	question, err := q.in.Body.question()
	if err != nil {
		return answer[Poll]{}, err
	}
	p, err := a.Service.OpenPoll(ctx, q.who, service.NewPoll{
		Community: q.in.Community, Question: question, DrawID: q.in.Body.Draw, Charter: q.in.Body.Charter,
	})
	// As it was opened, not as it stands now: a replay gives the same answer.
	v := service.PollView{Poll: p, Status: string(service.PollOpen)}
	return answer[Poll]{body: pollOf(v), location: "/v1/polls/" + p.ID}, err
}

// question is the request as the service takes it.
func (in NewPoll) question() (poll.Question, error) {
	out := poll.Question{
		Name: in.Name, Text: in.Question, Class: poll.Class(in.Class), Method: voting.Method(in.Method), Winners: in.Winners,
		MaxScore: in.MaxScore, Credits: in.Credits, Negative: in.Negative, Closes: in.Closes,
	}
	switch {
	case len(in.Charter) > charterLimit:
		return out, service.Refuse(service.KindInvalid, "charter_form", "the charter has %d bytes, %d are the most", len(in.Charter), charterLimit)
	case out.Class == poll.ClassAmendment && out.Method != voting.YesNo:
		return out, service.Refuse(service.KindInvalid, "method", "an amendment is decided by yes_no, not by %s", in.Method)
	}
	for _, o := range in.Options {
		if out.Names == nil {
			out.Names = map[string]string{}
		}
		out.Options = append(out.Options, o.ID)
		out.Names[o.ID] = o.Name
	}
	if in.Minimum == "" {
		return out, nil
	}
	minimum, err := ratio.Parse(in.Minimum)
	if err != nil {
		return out, service.Refuse(service.KindInvalid, "minimum", "minimum: %v", err)
	}
	out.Minimum = &minimum
	return out, nil
}
