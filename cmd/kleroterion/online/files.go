package online

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"

	"kleroterion/api/client"
	"kleroterion/cmd/kleroterion/offline"
)

// What is saved of a lottery: its panel file, or its report in one of three forms.
const (
	PanelFile = "file"
	HTML      = "html"
	JSON      = "json"
	CSV       = "csv"
)

// Save writes the panel file or the report of a lottery to a new file, or to the answer where the name
// is "".
func Save(ctx context.Context, s Service, id, what, name string, a Answer) error {
	i, err := s.open()
	if err != nil {
		return err
	}
	if name == "" {
		return save(ctx, i, id, what, a.Out)
	}
	f, err := os.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return offline.Unusable(err, "give --out a file that is not there yet")
	}
	if err := errors.Join(save(ctx, i, id, what, f), f.Close()); err != nil {
		return errors.Join(err, os.Remove(name))
	}
	return nil
}

func save(ctx context.Context, i *client.Instance, id, what string, w io.Writer) error {
	if what == PanelFile {
		_, err := i.DownloadLottery(ctx, id, w)
		return err
	}
	ask := map[string]func(context.Context, string, ...client.RequestEditorFn) (*http.Response, error){
		HTML: i.ClientInterface.GetLotteryReportPage, JSON: i.ClientInterface.GetLotteryReport, CSV: i.ClientInterface.GetLotteryReportTable,
	}[what]
	if ask == nil {
		return fmt.Errorf("a report is html, json or csv, not %q", what)
	}
	res, err := ask(ctx, id)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	_, err = io.Copy(w, res.Body)
	return err
}

func writeNew(name string, b []byte) error {
	f, err := os.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return offline.Unusable(err, "give --nearest a file that is not there yet")
	}
	_, err = f.Write(b)
	return errors.Join(err, f.Close())
}
