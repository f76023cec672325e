package offline

import (
	"io"
	"os"
	"strings"
	"unicode/utf8"

	"kleroterion/service/grants"
	"kleroterion/service/identity"
	"kleroterion/service/poll"
)

// Applying names what a move of a project is made of. Which members it has depends on the act.
type Applying struct {
	Round   string // file with the manifest
	Key     string // file with the owner's key
	Act     string // apply, change, appeal or withdraw
	Project string
	Owner   string // member id, of apply and change
	Title   string
	Text    string // file with description or reasons
	Account string
	Seq     int64 // 1 + the moves that the project has had; apply is 1
}

// sentMove is a move as POST /v1/rounds/{round}/projects takes an application, and …/moves the others.
type sentMove struct {
	Account   string             `json:"account,omitempty"`
	Act       string             `json:"act,omitempty"`
	Owner     string             `json:"owner,omitempty"`
	Project   string             `json:"project,omitempty"`
	Signature identity.Signature `json:"signature"`
	Text      string             `json:"text,omitempty"`
	Title     string             `json:"title,omitempty"`
}

// SignMove writes what a project's owner signs.
func SignMove(w io.Writer, in Applying) error {
	door, err := readRound(in.Round)
	if err != nil {
		return err
	}
	private, err := readPrivate(in.Key)
	if err != nil {
		return err
	}
	mv, text, err := in.move(door)
	if err != nil {
		return err
	}
	if !mv.Act.Owned() {
		return unusablef("the steward sends a review with an API key", "%s is not the owner's to sign", in.Act)
	}
	if (mv.Act == grants.Apply) != (in.Seq == 1) || in.Seq < 1 {
		return unusablef("give --seq: 1 for apply, otherwise 1 + the seq of GET /v1/rounds/{round}/projects/{project}", "%s is not move %d of a project", in.Act, in.Seq)
	}
	signed, err := mv.Sign(private, door.Hash, in.Seq)
	if err == nil {
		err = signed.Check()
	}
	if err != nil {
		return unusablef("docs/spec/round.md, Projects, has the members of each act", "%w", err)
	}
	out := sentMove{Account: mv.Account, Act: in.Act, Owner: mv.Owner, Signature: *signed.Signature, Text: string(text), Title: mv.Title}
	if mv.Act == grants.Apply {
		out.Act, out.Project = "", mv.Project
	}
	return writeJSON(w, out)
}

// move is what will be signed, and its text, which is sent beside its digest.
func (in Applying) move(door grants.Door) (mv grants.Move, text []byte, err error) {
	mv = grants.Move{Act: grants.Act(in.Act), At: door.Manifest.Opens, Project: in.Project, Owner: strings.TrimPrefix(in.Owner, "members/"), Title: in.Title, Account: in.Account}
	if in.Text == "" {
		return mv, nil, nil
	}
	if text, err = os.ReadFile(in.Text); err != nil {
		return mv, nil, Unusable(err, "")
	}
	if !utf8.Valid(text) {
		return mv, nil, unusablef("save it as UTF-8: its digest is signed, and it is sent as JSON", "%s is not UTF-8", in.Text)
	}
	file := poll.FileOf(text)
	mv.Text = &file
	return mv, text, nil
}
