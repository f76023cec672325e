package offline

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"kleroterion/randomness/sortition/panels"
	"kleroterion/randomness/sortition/quota"
	"kleroterion/randomness/sortition/report"
)

// Lottery names the inputs of a lottery over panels. Texts that are empty were not given.
type Lottery struct {
	Categories  string // CSV file of quotas
	Respondents string // CSV file of people
	Population  string // CSV file feature,value,population
	Size        int64  // seats of a panel
	Panels      int64  // equally likely panels
	Method      string
	Columns     quota.Columns
	Seated      []string // ids
	Excluded    []string // ids
	Out         string   // folder
	Draw        PanelDraw
	Progress    func(phase string, done, of int64)
	JSON        bool
}

// Panels computes the fairest lottery over panels and writes it, its proof and its report into a folder;
// with a draw also who was selected. Without any panel that meets the quotas it says why, and writes the
// nearest quotas. Either the whole folder is written or nothing.
func Panels(ctx context.Context, w, notes io.Writer, in Lottery) error {
	if in.Panels < 1 || in.Panels > panels.MaxPanels {
		return unusablef("the default is 1000", "--lottery is %d, want 1 to %d panels", in.Panels, panels.MaxPanels)
	}
	err := in.make(ctx, w, notes)
	if errors.Is(err, context.Canceled) {
		return fmt.Errorf("stopped; nothing was written: %w", err)
	}
	return err
}

func (in Lottery) make(ctx context.Context, w, notes io.Writer) error {
	target, err := openFolder(in.Out)
	if err != nil {
		return err
	}
	input, err := in.read(notes)
	if err != nil {
		return err
	}
	population, err := in.population(notes, input.Quotas)
	if err != nil {
		return err
	}
	answer, err := quota.Feasible(ctx, input.Problem)
	if err != nil && !errors.Is(err, quota.ErrUndecided) { // the lottery has a search of its own
		return err
	}
	if answer.Conflict != nil {
		return in.explain(ctx, w, target, dilemma{input, answer.Conflict})
	}
	result, err := panels.Solve(ctx, input.Problem, panels.Options{Method: panels.Method(in.Method), Panels: in.Panels, Progress: in.tell})
	if err != nil {
		return err
	}
	l := &lottery{Input: input, result: result}
	if l.report, err = report.Build(report.Input{Problem: input.Problem, Quotas: input.Quotas, Result: result, Population: population}); err != nil {
		return err
	}
	return in.publish(ctx, w, notes, target, l)
}

// publish writes the folder and says what is in it.
func (in Lottery) publish(ctx context.Context, w, notes io.Writer, target *folderOut, l *lottery) error {
	at, err := in.Draw.announced()
	if err != nil {
		return err
	}
	if err := l.fix(at); err != nil {
		return err
	}
	if err := l.never(ctx); err != nil {
		return err
	}
	drawn, err := in.Draw.of(notes, l.commit, l.result.Panels)
	if err != nil {
		return err
	}
	if drawn != nil {
		if err := l.choose(drawn); err != nil {
			return err
		}
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := target.write(l.files); err != nil {
		return err
	}
	if in.JSON {
		return writeJSON(w, l.summary(drawn))
	}
	return l.say(w, in, drawn)
}

func (in Lottery) tell(p panels.Progress) {
	if in.Progress != nil {
		in.Progress(p.Phase, int64(p.Done), int64(p.Of))
	}
}

// read names everything wrong with both files in notes.
func (in Lottery) read(notes io.Writer) (*quota.Input, error) {
	quotas, err := os.Open(in.Categories)
	if err != nil {
		return nil, Unusable(err, "")
	}
	defer quotas.Close()
	people, err := os.Open(in.Respondents)
	if err != nil {
		return nil, Unusable(err, "")
	}
	defer people.Close()
	input, err := quota.Read(quota.Files{Size: in.Size, Quotas: quotas, People: people, Columns: in.Columns, Seated: in.Seated, Excluded: in.Excluded})
	var issues quota.Issues
	if errors.As(err, &issues) {
		return nil, in.refuse(notes, issues)
	}
	if err != nil {
		return nil, Unusable(err, "")
	}
	return input, nil
}

// mostIssues is how many are written out.
const mostIssues = 1000

func (in Lottery) refuse(notes io.Writer, issues quota.Issues) error {
	file := map[string]string{quota.QuotaFile: in.Categories, quota.PeopleFile: in.Respondents}
	for i, issue := range issues {
		if i == mostIssues {
			fmt.Fprintf(notes, "and %d more\n", len(issues)-mostIssues)
			break
		}
		if name := file[issue.File]; name != "" {
			issue.File = name
		}
		fmt.Fprintln(notes, issue)
	}
	things := "1 thing is"
	if len(issues) != 1 {
		things = fmt.Sprintf("%d things are", len(issues))
	}
	return unusablef("mend what is named above; nothing was written", "%s wrong with %s and %s", things, in.Categories, in.Respondents)
}
