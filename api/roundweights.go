package api

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"

	"kleroterion/api/strict"
	"kleroterion/funding"
	"kleroterion/service"
	"kleroterion/service/grants"
)

// weightsLimit holds the weights of a hundred thousand donors and more.
const weightsLimit = 16 << 20

// NewWeights are the personal weights of a round's donors.
type NewWeights struct {
	Weights []DonorWeight `json:"weights" validate:"dive" description:"each donor once, in any order"`
}

// DonorWeight is how much of a donor's gifts counts.
type DonorWeight struct {
	Donor  string `json:"donor" validate:"donor" description:"as on the roll: members/ and the member's id"`
	Weight int64  `json:"weight" validate:"min=0,max=1000000" description:"parts per million"`
}

// Weights is one version of a round's personal weights.
type Weights struct {
	Version int64  `json:"version"`
	At      int64  `json:"at"`
	Source  string `json:"source" description:"where they come from"`
	Bytes   int64  `json:"bytes" description:"of the file"`
	SHA256  string `json:"sha256" description:"of the file"`
}

type newWeights struct {
	ID      string `path:"round" validate:"id"`
	Source  string `query:"source" validate:"required,max=200" required:"true" description:"where the weights come from, with its version"`
	IfMatch string `header:"If-Match" description:"ETag of the round as it was read; another one is refused with 412"`
}

// weightsBody is bound as a body is.
type weightsBody struct{ Body NewWeights }

type weightsAt struct {
	ID      string `path:"round" validate:"id"`
	Version int64  `path:"version" validate:"min=1,max=9007199254740991"`
}

func (a *API) weightRoutes() []route {
	return []route{
		gather(operation{
			method: "PUT", path: "/v1/rounds/{round}/weights", id: "setWeights", tag: "rounds", access: keyed,
			reads: "text/csv", orJSON: new(NewWeights), limit: weightsLimit,
			summary: "Publish personal weights",
			about:   "For stewards: CSV with the header donor,weight, or JSON. They replace the weights before, until the round is closed, in a sealed round until its gifts end. All bad rows are named, and then nothing is stored.",
		}, a.setWeights),
		define(operation{
			method: "GET", path: "/v1/rounds/{round}/weights", id: "listWeights", tag: "rounds",
			summary: "List the versions of the personal weights", about: "The oldest first; the last one is in force.",
		}, a.listWeights),
		download(operation{
			method: "GET", path: "/v1/rounds/{round}/weights/{version}", id: "getWeights", tag: "rounds", media: "application/jsonl",
			summary: "Download personal weights", about: "One canonical line a donor (docs/spec/round.md).",
		}, a.getWeights),
	}
}

func (a *API) setWeights(ctx context.Context, q asked[newWeights], f file) (answer[Round], error) {
	if err := a.unchangedRound(ctx, q.in.ID, q.in.IfMatch); err != nil {
		return answer[Round]{}, err
	}
	rows, err := a.readWeights(f)
	if err != nil {
		return answer[Round]{}, err
	}
	return actedRound(a.Service.SetWeights(ctx, q.who, q.in.ID, service.NewWeights{Source: q.in.Source, Weights: rows}))
}

// readWeights reads weights in either form; all faults come at once.
func (a *API) readWeights(f file) ([]funding.Weight, error) {
	if f.media == "text/csv" {
		return weightsOfCSV(f.bytes)
	}
	var in NewWeights
	faults := strict.Decode(f.bytes, &in)
	for _, fault := range faults {
		if fault.Malformed() {
			return nil, unreadable(faults)
		}
	}
	if faults = append(faults, a.check.faults(&weightsBody{in}, faults)...); len(faults) > 0 {
		return nil, ruleBroken(faults)
	}
	rows := make([]funding.Weight, len(in.Weights))
	for i, w := range in.Weights {
		rows[i] = funding.Weight{Donor: w.Donor, PPM: w.Weight}
	}
	return rows, nil
}

// weightsOfCSV reads rows below the header donor,weight. A row is counted from 1, the header not.
func weightsOfCSV(b []byte) (rows []funding.Weight, err error) {
	in := csv.NewReader(bytes.NewReader(b))
	in.FieldsPerRecord = 2
	header, err := in.Read()
	if err != nil || header[0] != "donor" || header[1] != "weight" {
		return nil, malformed.problem("csv", "the file does not begin with the header donor,weight")
	}
	var faults []strict.Fault
	for n := 1; ; n++ {
		row, err := in.Read()
		switch {
		case errors.Is(err, io.EOF) && len(faults) > 0:
			return nil, ruleBroken(faults)
		case errors.Is(err, io.EOF):
			return rows, nil
		case err != nil:
			return nil, malformed.problem("csv", "row %d: %v", n, err)
		}
		w, fault := weightOf(row, n)
		if fault != nil && len(faults) < maxRows {
			faults = append(faults, *fault)
		}
		rows = append(rows, w)
	}
}

// maxRows bounds a list of faults: a hostile file must not become a larger answer.
const maxRows = 10_000

var donorForm = regexp.MustCompile(forms()["donor"].pattern)

func weightOf(row []string, n int) (funding.Weight, *strict.Fault) {
	at := "/weights/" + strconv.Itoa(n-1)
	if !donorForm.MatchString(row[0]) {
		return funding.Weight{}, &strict.Fault{Pointer: at + "/donor", Rule: "donor", Detail: fmt.Sprintf("row %d: %s", n, forms()["donor"].words)}
	}
	ppm, err := strconv.ParseInt(row[1], 10, 64)
	if err != nil || ppm < 0 || ppm > funding.Million || strconv.FormatInt(ppm, 10) != row[1] {
		return funding.Weight{}, &strict.Fault{Pointer: at + "/weight", Rule: "weight", Detail: fmt.Sprintf("row %d: a weight is 0 to 1000000 parts per million", n)}
	}
	return funding.Weight{Donor: row[0], PPM: ppm}, nil
}

func (a *API) listWeights(ctx context.Context, q asked[inRound]) (answer[list[Weights]], error) {
	rows, err := a.Service.RoundWeights(ctx, q.in.ID)
	return whole(rows, func(w grants.Weights) Weights {
		return Weights{Version: w.Version, At: w.At, Source: w.Source, Bytes: w.File.Bytes, SHA256: w.File.SHA256.String()}
	}), err
}

func (a *API) getWeights(ctx context.Context, q asked[weightsAt], w *outflow) error {
	rows, err := a.Service.RoundWeights(ctx, q.in.ID)
	if err != nil {
		return err
	}
	if q.in.Version > int64(len(rows)) {
		return service.Refuse(service.KindNotFound, "not_found", "the round has %d versions of weights", len(rows))
	}
	file, err := a.Service.Blob(ctx, rows[q.in.Version-1].File.SHA256)
	if err != nil {
		return err
	}
	w.named("weights-" + strconv.FormatInt(q.in.Version, 10) + ".jsonl")
	return w.whole(file, cacheForever)
}
