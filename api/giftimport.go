package api

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"kleroterion/api/strict"
	"kleroterion/service"
	"kleroterion/service/grants"
)

const (
	importLimit = 16 << 20
	importRows  = 10_000
)

// GiftImport is what an import did.
type GiftImport struct {
	Recorded int64 `json:"recorded"`
	Repeated int64 `json:"repeated" description:"recorded before, or more than once in the file"`
	First    int64 `json:"first,omitempty" description:"number in the round's subject of the first gift that it recorded"`
	Last     int64 `json:"last,omitempty"`
}

// importedGift is bound as a body is.
type importedGift struct{ Body NewGift }

func (a *API) importRoutes() []route {
	return []route{
		gather(operation{
			method: "POST", path: "/v1/rounds/{round}/gifts/import", id: "importGifts", tag: "rounds", access: keyed,
			reads: "application/jsonl", limit: importLimit,
			summary: "Import payments",
			about:   "For stewards: JSON lines, 1 to 10,000 payments that connectors signed, each as for one gift. All are recorded or none. Every bad row is named: /gifts/ and its place from 0 in pointer, counted from 1 in detail.",
		}, a.importGifts),
	}
}

func (a *API) importGifts(ctx context.Context, q asked[inRound], f file) (answer[GiftImport], error) {
	rows, bad, err := a.readImport(f.bytes)
	if err != nil {
		return answer[GiftImport]{}, err
	}
	done, err := a.Service.ImportGifts(ctx, q.who, q.in.ID, rows)
	if len(bad) > 0 {
		err = allRows(err, bad)
	}
	return ok(GiftImport(done)), err
}

// readImport reads one gift a line. A line that cannot be read becomes an empty gift, which the service
// refuses with all other bad ones, so that none is told only after the others are mended.
func (a *API) readImport(b []byte) (rows []grants.GiftAdd, bad map[string]string, err error) {
	bad = map[string]string{}
	for line := range bytes.Lines(b) {
		if len(rows) == importRows {
			return nil, nil, service.Refuse(service.KindInvalid, "import", "an import has %d payments at most", importRows)
		}
		g, why := a.readGift(bytes.TrimSuffix(line, []byte("\n")))
		if why != "" {
			bad["/gifts/"+strconv.Itoa(len(rows))] = fmt.Sprintf("row %d: %s", len(rows)+1, why)
		}
		rows = append(rows, g)
	}
	return rows, bad, nil
}

// readGift returns the gift of a line, or an empty one and what is wrong with the line.
func (a *API) readGift(line []byte) (grants.GiftAdd, string) {
	var in NewGift
	faults := strict.Decode(line, &in)
	if len(faults) == 0 {
		faults = a.check.faults(&importedGift{in}, nil)
	}
	if len(faults) > 0 {
		return grants.GiftAdd{}, faults[0].Pointer + " " + faults[0].Detail
	}
	g, err := in.gift()
	if err != nil {
		return grants.GiftAdd{}, err.Error()
	}
	return g, ""
}

// allRows says of rows that could not be read what is wrong with them, in place of the service's refusal of an
// empty gift. A refusal of the whole import stays as it is.
func allRows(err error, bad map[string]string) error {
	var refused *service.Error
	if err == nil || !errors.As(err, &refused) {
		return errors.Join(fmt.Errorf("an import with %d unreadable rows was not refused as such", len(bad)), err)
	}
	named := *refused
	named.Fields = make([]service.FieldError, len(refused.Fields))
	for i, f := range refused.Fields {
		if why := bad[f.Pointer]; why != "" {
			f.Rule, f.Detail = grants.RuleGift, why
		}
		named.Fields[i] = f
	}
	if len(named.Fields) > 0 { // the message tells the first
		named.Message = strings.Replace(refused.Message, refused.Fields[0].Detail, named.Fields[0].Detail, 1)
	}
	return &named
}
