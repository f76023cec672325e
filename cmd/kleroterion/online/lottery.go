package online

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"

	"kleroterion/api/client"
	"kleroterion/cmd/kleroterion/offline"
	"kleroterion/randomness/sortition/quota"
)

const (
	mostCategories = 1_000_000 // bytes of a file of quotas
	mostIDs        = 200_000   // lines of a file of ids
)

// Lottery is a request for a lottery over panels of a frozen register.
type Lottery struct {
	Register     string
	Categories   string // CSV file of quotas
	Size         int64
	OneHousehold bool
	Seated       []string // register ids
	Excluded     []string
	ExcludedFile string // more of them, one a line; "" for none
	Method       string
	Panels       int64
}

// Check asks whether the quotas can be met. Where they cannot, it says what to change, writes the nearest
// quotas to the new file nearest unless that is "", and the error is [offline.ErrFalse].
func Check(ctx context.Context, s Service, in Lottery, nearest string, a Answer) error {
	i, err := s.open()
	if err != nil {
		return err
	}
	body, err := in.body()
	if err != nil {
		return err
	}
	got, err := i.CheckQuotasWithResponse(ctx, in.Register, body)
	if err != nil {
		return err
	}
	c, err := expect(got.JSON200, got.Status())
	if err != nil {
		return err
	}
	if a.JSON {
		err = a.object(c)
	} else {
		_, err = a.Out.Write(sayCheck(c))
	}
	if err != nil || c.Feasible {
		return err
	}
	if nearest != "" && len(c.Nearest) > 0 {
		if err := writeNearest(nearest, body.Categories, c.Nearest); err != nil {
			return err
		}
	}
	return fmt.Errorf("%w: a panel that meets these quotas is not there", offline.ErrFalse)
}

// Start asks for a lottery. With follow it tells of its progress until it is over, and what came of it.
func Start(ctx context.Context, s Service, in Lottery, follow func(client.Job), a Answer) error {
	i, err := s.open()
	if err != nil {
		return err
	}
	body, err := in.body()
	if err != nil {
		return err
	}
	made, err := i.StartLotteryWithResponse(ctx, in.Register, nil, body)
	if err != nil {
		return err
	}
	l, err := expect(made.JSON202, made.Status())
	if err != nil {
		return err
	}
	if follow == nil {
		return a.lottery(l)
	}
	if _, err := i.WaitJob(ctx, l.Job, follow); err != nil {
		return fmt.Errorf("lottery %s: %w", l.ID, failed(err, a))
	}
	return show(ctx, i, l.ID, a)
}

// failed prints what the job of a lottery says of contrary quotas.
func failed(err error, a Answer) error {
	var over *client.JobFailed
	var why struct {
		client.QuotaCheck
		Message, Hint string
	}
	if !errors.As(err, &over) || json.Unmarshal(over.Job.Report, &why) != nil {
		return err
	}
	if why.Conflict != "" && !a.JSON {
		if _, err := a.Out.Write(sayCheck(why.QuotaCheck)); err != nil {
			return err
		}
	}
	return fmt.Errorf("%s (%s)", why.Message, why.Hint)
}

// Show prints where a lottery stands.
func Show(ctx context.Context, s Service, id string, a Answer) error {
	i, err := s.open()
	if err != nil {
		return err
	}
	return show(ctx, i, id, a)
}

func show(ctx context.Context, i *client.Instance, id string, a Answer) error {
	got, err := i.GetLotteryWithResponse(ctx, id)
	if err != nil {
		return err
	}
	l, err := expect(got.JSON200, got.Status())
	if err != nil {
		return err
	}
	return a.lottery(l)
}

// List prints the newest lotteries of a city, one a line.
func List(ctx context.Context, s Service, city string, a Answer) error {
	i, err := s.open()
	if err != nil {
		return err
	}
	got, err := i.ListLotteriesWithResponse(ctx, city, nil)
	if err != nil {
		return err
	}
	rows, err := expect(got.JSON200, got.Status())
	if err != nil {
		return err
	}
	if a.JSON {
		return a.object(rows.Items)
	}
	for _, l := range rows.Items {
		if _, err := fmt.Fprintf(a.Out, "%s  %-9s  %d panels of %d, %s\n", l.ID, l.State, l.Panels, l.Size, l.Method); err != nil {
			return err
		}
	}
	return nil
}

// Cancel gives up a lottery that no draw names.
func Cancel(ctx context.Context, s Service, id string, a Answer) error {
	i, err := s.open()
	if err != nil {
		return err
	}
	got, err := i.CancelLotteryWithResponse(ctx, id)
	if err != nil {
		return err
	}
	l, err := expect(got.JSON200, got.Status())
	if err != nil {
		return err
	}
	return a.lottery(l)
}

// body reads the files of the request.
func (in Lottery) body() (client.NewLottery, error) {
	text, err := os.ReadFile(in.Categories)
	if err != nil {
		return client.NewLottery{}, offline.Unusable(err, "name the CSV file of quotas with --categories")
	}
	if len(text) > mostCategories {
		return client.NewLottery{}, offline.Unusable(fmt.Errorf("%s has %d bytes, a file of quotas has %d at most", in.Categories, len(text), mostCategories), "")
	}
	excluded := in.Excluded
	if in.ExcludedFile != "" {
		more, err := readIDs(in.ExcludedFile)
		if err != nil {
			return client.NewLottery{}, err
		}
		excluded = append(excluded[:len(excluded):len(excluded)], more...)
	}
	return client.NewLottery{Size: in.Size, Categories: string(text), OnePerHousehold: in.OneHousehold, Seated: in.Seated, Excluded: excluded,
		Method: client.NewLotteryMethod(in.Method), Panels: in.Panels}, nil
}

// readIDs reads one id a line; blank lines are left out.
func readIDs(name string) (ids []string, err error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, offline.Unusable(err, "name the file of ids with --excluded-file")
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		if id := strings.TrimSpace(lines.Text()); id != "" {
			ids = append(ids, id)
		}
		if len(ids) > mostIDs {
			return nil, offline.Unusable(fmt.Errorf("%s has more than %d ids", name, mostIDs), "freeze a register of those who have a part")
		}
	}
	if err := lines.Err(); err != nil {
		return nil, offline.Unusable(fmt.Errorf("%s: %w", name, err), "the file has one id a line")
	}
	return ids, nil
}

// writeNearest writes the quotas with the changes made.
func writeNearest(name, categories string, changes []client.QuotaChange) error {
	quotas, err := quota.ReadQuotas(strings.NewReader(categories))
	if err != nil {
		return err
	}
	var x quota.Relaxation
	for _, c := range changes {
		x.Changes = append(x.Changes, quota.Change{Feature: c.Feature, Value: c.Value, Lower: c.Lower, Raise: c.Raise})
	}
	var text bytes.Buffer
	if err := quota.WriteQuotas(&text, x.Apply(quotas)); err != nil {
		return err
	}
	return writeNew(name, text.Bytes())
}

// expect returns what an answer holds, or says that it is not what the service promises.
func expect[T any](got *T, status string) (T, error) {
	if got == nil {
		var none T
		return none, fmt.Errorf("the service answered %s with something else than its API describes", status)
	}
	return *got, nil
}
