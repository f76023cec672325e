package client

import (
	"context"
	"io"
	"net/http"
)

// Rows is a register's CSV file on its way.
type Rows struct {
	Register string
	File     io.Reader
	Bytes    int64 // length of the file, 0 where it is not known
	DryRun   bool  // read and report, store nothing
	Progress func(sent int64)
}

// Upload sends the rows and returns the job that reads them; [Instance.WaitJob] tells how it ends.
func (i *Instance) Upload(ctx context.Context, rows Rows) (Job, error) {
	length := func(_ context.Context, r *http.Request) error {
		if rows.Bytes > 0 {
			r.ContentLength = rows.Bytes
		}
		return nil
	}
	file := &counting{Reader: rows.File, tell: rows.Progress}
	answer, err := i.UploadRowsWithBodyWithResponse(ctx, rows.Register, &UploadRowsParams{DryRun: &rows.DryRun}, "text/csv", file, length)
	if err != nil {
		return Job{}, err
	}
	return expect(answer.JSON202, answer.HTTPResponse)
}

// counting tells how much was read of a file.
type counting struct {
	io.Reader
	tell func(int64)
	sent int64
}

func (c *counting) Read(p []byte) (int, error) {
	n, err := c.Reader.Read(p)
	c.sent += int64(n)
	if c.tell != nil && n > 0 {
		c.tell(c.sent)
	}
	return n, err
}
