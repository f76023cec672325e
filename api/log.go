package api

import (
	"context"
	"encoding/json"
	"strconv"

	"kleroterion/service"
	"kleroterion/service/audit"
)

// LogHead is the log's size and root, and the newest signed checkpoint.
type LogHead struct {
	Origin     string `json:"origin" description:"the log's name"`
	Size       int64  `json:"size" description:"records"`
	Root       string `json:"root" description:"tree hash over all records (RFC 9162)"`
	SignedSize int64  `json:"signed_size" description:"records that the checkpoint covers"`
	Checkpoint string `json:"checkpoint,omitempty" description:"signed note; absent before the first"`
}

// LogEntry is one record of the public log.
type LogEntry struct {
	Seq     int64           `json:"seq" description:"place in the log, from 0"`
	Kind    string          `json:"kind"`
	Subject string          `json:"subject"`
	N       int64           `json:"n" description:"place on its subject, from 1"`
	Leaf    string          `json:"leaf" description:"leaf hash of the record's bytes"`
	Record  json.RawMessage `json:"record" description:"the canonical record, byte for byte (docs/spec/record.md)"`
}

type bySeq struct {
	Seq int64 `path:"seq" validate:"min=0,max=9007199254740991"`
}

type entriesOf struct {
	Subject string `query:"subject" validate:"omitempty,max=200,subject" description:"all records of one subject; left out: the whole log"`
	From    int64  `query:"from" validate:"min=0,max=9007199254740991" description:"first place in the log; default 0"`
	window
}

func (a *API) logRoutes() []route {
	return []route{
		define(operation{
			method: "GET", path: "/v1/log", id: "getLogHead", tag: "log", summary: "Get the log's head",
		}, a.getLogHead),
		define(operation{
			method: "GET", path: "/v1/log/entries", id: "listLogEntries", tag: "log",
			summary: "List records", about: "In the order of the log.",
		}, a.listLogEntries),
		define(operation{
			method: "GET", path: "/v1/log/entries/{seq}", id: "getLogEntry", tag: "log", summary: "Get a record",
		}, a.getLogEntry),
		download(operation{
			method: "GET", path: "/v1/log/entries/{seq}/proof", id: "getLogProof", tag: "log", media: "text/plain", early: true,
			summary: "Prove that a record is in the log",
			about:   "A c2sp.org/tlog-proof@v1 text. Before a checkpoint covers the record: 409 with Retry-After.",
		}, a.getLogProof),
	}
}

func (a *API) getLogHead(ctx context.Context, _ asked[nothing]) (answer[LogHead], error) {
	h, err := a.Service.LogHead(ctx)
	return ok(LogHead{Origin: h.Origin, Size: h.Size, Root: h.Root.String(), SignedSize: h.SignedSize, Checkpoint: string(h.Note)}), err
}

func (a *API) listLogEntries(ctx context.Context, q asked[entriesOf]) (answer[list[LogEntry]], error) {
	if q.in.Subject != "" {
		return a.listSubject(ctx, q)
	}
	from, err := fromNumber("log", q.in.Cursor, q.in.From)
	if err != nil {
		return answer[list[LogEntry]]{}, err
	}
	limit := limitOf(q.in.Limit)
	rows, err := a.Service.LogEntries(ctx, from, limit)
	return stretch(rows, limit, logEntryOf, func(e service.LogEntry) string {
		return cursorTo("log", strconv.FormatInt(e.Seq+1, 10))
	}), err
}

// listSubject lists one subject's records; a subject has few.
func (a *API) listSubject(ctx context.Context, q asked[entriesOf]) (answer[list[LogEntry]], error) {
	if q.in.Cursor != "" || q.in.From != 0 || q.in.Limit != 0 {
		return answer[list[LogEntry]]{}, malformed.problem("subject", "with a subject there is neither cursor nor from nor limit: all of its records are listed")
	}
	if err := audit.CheckSubject(q.in.Subject); err != nil {
		return answer[list[LogEntry]]{}, service.Refuse(service.KindInvalid, "subject_form", "%v", err)
	}
	rows, err := a.Service.SubjectEntries(ctx, q.in.Subject)
	return stretch(rows, -1, logEntryOf, nil), err
}

func (a *API) getLogEntry(ctx context.Context, q asked[bySeq]) (answer[LogEntry], error) {
	e, err := a.Service.LogEntry(ctx, q.in.Seq)
	return answer[LogEntry]{body: logEntryOf(e), cache: cacheForever}, err
}

func (a *API) getLogProof(ctx context.Context, q asked[bySeq], w *outflow) error {
	proof, err := a.Service.LogProof(ctx, q.in.Seq)
	if err != nil {
		return err
	}
	return w.whole(proof, cacheRevalidate)
}

func logEntryOf(e service.LogEntry) LogEntry {
	return LogEntry{Seq: e.Seq, Kind: string(e.Kind), Subject: e.Subject, N: e.N, Leaf: e.Leaf.String(), Record: e.Record}
}
