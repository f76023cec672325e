package api

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"io"

	"kleroterion/randomness/sortition/report"
	"kleroterion/service"
)

func (a *API) lotteryFileRoutes() []route {
	return []route{
		download(operation{
			method: "GET", path: "/v1/lotteries/{lottery}/file", id: "getLotteryFile", tag: "lotteries", access: either, early: true,
			summary: "Download a lottery's panel file",
			about:   "Quotas, who is seated or has no part, the panels and the certificate, in the canonical bytes to which a draw commits (docs/spec/panels.md). With the register's public file it says who sits on each panel.",
		}, a.getLotteryFile),
		download(operation{
			method: "GET", path: "/v1/lotteries/{lottery}/report.json", id: "getLotteryReport", tag: "lotteries", access: either, early: true,
			summary: "Get a lottery's report", about: "What the panels look like beside quotas and pool, everybody's chance, and what limits it. It has no ids, and no combination of values that fewer than five people share.",
		}, a.lotteryReport("json")),
		download(operation{
			method: "GET", path: "/v1/lotteries/{lottery}/report.csv", id: "getLotteryReportTable", tag: "lotteries", media: "text/csv", access: either, early: true,
			summary: "Get a lottery's report as a table", about: "One figure a row.",
		}, a.lotteryReport("csv")),
		download(operation{
			method: "GET", path: "/v1/lotteries/{lottery}/report.html", id: "getLotteryReportPage", tag: "lotteries", media: "text/html", access: either, early: true,
			summary: "Get a lottery's report as a page", about: "It needs nothing else, and prints.",
		}, a.lotteryReport("html")),
	}
}

func (a *API) getLotteryFile(ctx context.Context, q asked[byLottery], w *outflow) error {
	l, err := a.Service.Lottery(ctx, q.who, q.in.ID)
	if err != nil {
		return err
	}
	w.named("panels-" + l.ID + ".json")
	if l.State == service.LotteryReady {
		w.cached(cacheForever) // its digest fixes every byte
		w.c.Header("Repr-Digest", reprDigest(l.File[:]))
		if w.tagged(`"` + l.File.String() + `"`) {
			return nil
		}
	}
	_, err = a.Service.LotteryFile(ctx, q.who, l.ID, w)
	return err
}

func (a *API) lotteryReport(form string) func(context.Context, asked[byLottery], *outflow) error {
	return func(ctx context.Context, q asked[byLottery], w *outflow) error {
		r, err := a.Service.LotteryReport(ctx, q.who, q.in.ID)
		if err != nil {
			return err
		}
		return w.report(r, form)
	}
}

// report writes a report in one of its forms. As a page it may have its own style and nothing else.
func (w *outflow) report(r *report.Report, form string) error {
	write := map[string]func(io.Writer) error{"json": r.WriteJSON, "csv": r.WriteCSV, "html": r.WriteHTML}[form]
	var b bytes.Buffer
	if err := write(&b); err != nil {
		return err
	}
	switch form {
	case "csv":
		w.named("report.csv")
	case "html":
		w.c.Header("Content-Security-Policy", ownStyle(b.Bytes()))
	}
	return w.whole(b.Bytes(), cacheRevalidate)
}

// ownStyle is the policy of a page that is whole in itself: it admits the style in it, by its digest.
func ownStyle(page []byte) string {
	_, rest, _ := bytes.Cut(page, []byte("<style>"))
	style, _, _ := bytes.Cut(rest, []byte("</style>"))
	sum := sha256.Sum256(style)
	return "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
}
