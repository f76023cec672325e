package service

import (
	"archive/zip"
	"context"
	"encoding/csv"
	"encoding/hex"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"kleroterion/randomness/register"
	"kleroterion/randomness/sortition"
)

// listPage is how many rows an export reads in one snapshot.
const listPage = 200

// Seats writes the people drawn, with their private rows, as CSV for the city's letters: one row a
// place, seats first. Each row has the id and salt with which the person checks the list.
func (s *Service) Seats(ctx context.Context, a Actor, drawID string, w io.Writer) error {
	d, err := s.Draw(ctx, drawID)
	if err != nil {
		return err
	}
	if err := a.authorise(readResidents, d.City); err != nil {
		return err
	}
	if d.State != DrawDrawn {
		return Refuse(KindTooEarly, "not_drawn", "the draw is %s: nobody has a seat", d.Status)
	}
	result, err := s.places(ctx, d.Draw)
	if err != nil {
		return err
	}
	out := csv.NewWriter(w)
	if err := out.Write([]string{"place", "stratum", "order", "id", "salt", "person", "name", "address", "contact"}); err != nil {
		return err
	}
	err = eachPlace(result, func(p drawnPlace) error {
		row, err := s.letter(ctx, d.RegisterID, p)
		if err != nil {
			return err
		}
		return out.Write(row)
	})
	out.Flush()
	return firstOf(err, out.Error())
}

// places are the people drawn.
func (s *Service) places(ctx context.Context, d Draw) (r sortition.Result, err error) {
	err = s.Store.Read(ctx, func(tx Tx) error { r, err = s.resultOf(tx, d); return err })
	return r, err
}

// drawnPlace is one seat or alternate place of a result.
type drawnPlace struct {
	kind    string
	stratum string
	order   int
	id      string
}

// eachPlace visits all seats in the order of the strata, then all alternates.
func eachPlace(r sortition.Result, visit func(drawnPlace) error) error {
	for _, kind := range []string{"seat", "alternate"} {
		for _, s := range r.Strata {
			ids := s.Seats
			if kind == "alternate" {
				ids = s.Alternates
			}
			for i, id := range ids {
				if err := visit(drawnPlace{kind, s.Stratum, i + 1, id}); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// letter is the CSV row of one place; of an erased person only the place is left.
func (s *Service) letter(ctx context.Context, registerID string, p drawnPlace) ([]string, error) {
	id, err := hex.DecodeString(p.id)
	if err != nil || len(id) != 32 {
		return nil, fmt.Errorf("id %q of a result: %w", p.id, err)
	}
	var row Resident
	err = s.Store.Read(ctx, func(tx Tx) (err error) { row, err = tx.Resident(registerID, [32]byte(id)); return err })
	if err != nil {
		return nil, err
	}
	var rec register.Record
	if len(row.Record) > 0 {
		if rec, err = register.ParseRecord(row.Record); err != nil {
			return nil, err
		}
	}
	cells := []string{p.kind, p.stratum, strconv.Itoa(p.order), p.id, hex.EncodeToString(row.Salt), rec.Person, rec.Name, rec.Address, rec.Contact}
	for i := range cells {
		cells[i] = inert(cells[i])
	}
	return cells, nil
}

// inert keeps a spreadsheet from taking a cell that a resident wrote for a formula.
func inert(cell string) string {
	if cell != "" && strings.ContainsRune("=+-@\t\r", rune(cell[0])) {
		return "'" + cell
	}
	return cell
}

// Export writes a zip of everything that is public about a city: registers, draws and places as
// CSV, and the city's log records as JSON lines. Public.
func (s *Service) Export(ctx context.Context, city string, w io.Writer) error {
	if _, err := s.City(ctx, city); err != nil {
		return err
	}
	z := zip.NewWriter(w)
	files := []struct {
		name string
		fill func(context.Context, string, io.Writer) error
	}{
		{"README.txt", exportReadme}, {"draws.csv", s.exportDraws}, {"log.jsonl", s.exportLog},
		{"places.csv", s.exportPlaces}, {"registers.csv", s.exportRegisters},
	}
	for _, f := range files {
		out, err := z.Create(f.name)
		if err != nil {
			return err
		}
		if err := f.fill(ctx, city, out); err != nil {
			return fmt.Errorf("export of %s: %w", f.name, err)
		}
	}
	return z.Close()
}

func exportReadme(_ context.Context, city string, w io.Writer) error {
	_, err := fmt.Fprintf(w, `Open data of %s, exported by kleroterion.
draws.csv      every draw, with the commitment, the round and what became of it
places.csv     seats and alternates of each draw, by public id
registers.csv  the frozen lists: root, size, digest of the public file
log.jsonl      the public log's records about this city
No file here names a person. Proofs: the bundle of each draw, checked with klero-verify.
`, city)
	return err
}

func (s *Service) exportRegisters(ctx context.Context, city string, w io.Writer) error {
	out := csv.NewWriter(w)
	err := out.Write([]string{"name", "root", "size", "file_sha256", "bytes", "features", "small_cells", "frozen_at"})
	for after := ""; err == nil; {
		var list []Register
		if err = s.Store.Read(ctx, func(tx Tx) (err error) { list, err = tx.Registers(city, after, listPage); return err }); err != nil {
			break
		}
		for _, r := range list {
			after = r.ID
			if r.State == RegisterFrozen {
				err = firstOf(err, out.Write([]string{r.Name, r.Root.String(), itoa(r.Rows), r.File.String(), itoa(r.Bytes),
					strings.Join(r.Features, " "), r.SmallCells, stamp(r.FrozenAt)}))
			}
		}
		if len(list) < listPage {
			break
		}
	}
	out.Flush()
	return firstOf(err, out.Error())
}

func (s *Service) exportDraws(ctx context.Context, city string, w io.Writer) error {
	out := csv.NewWriter(w)
	err := out.Write([]string{"draw", "seq", "status", "rehearsal", "method", "commit", "chain", "round", "draw_time", "opened_at", "closed_at", "void_reason"})
	err = firstOf(err, s.eachDraw(ctx, city, func(d DrawView) error {
		m, err := sortition.ParseManifest(d.Manifest)
		if err != nil {
			return err
		}
		return out.Write([]string{d.Subject, itoa(d.Seq), d.Status, strconv.FormatBool(d.Rehearsal), string(m.Method), d.Commit.String(),
			d.Chain.String(), strconv.FormatUint(d.Round, 10), stamp(d.DrawTime), stamp(d.OpenedAt), stamp(d.ClosedAt), inert(d.VoidReason)})
	}))
	out.Flush()
	return firstOf(err, out.Error())
}

func (s *Service) exportPlaces(ctx context.Context, city string, w io.Writer) error {
	out := csv.NewWriter(w)
	err := out.Write([]string{"draw", "seq", "place", "stratum", "order", "id"})
	err = firstOf(err, s.eachDraw(ctx, city, func(d DrawView) error {
		if d.State != DrawDrawn {
			return nil
		}
		result, err := s.places(ctx, d.Draw)
		if err != nil {
			return err
		}
		return eachPlace(result, func(p drawnPlace) error {
			return out.Write([]string{d.Subject, itoa(d.Seq), p.kind, p.stratum, strconv.Itoa(p.order), p.id})
		})
	}))
	out.Flush()
	return firstOf(err, out.Error())
}

func (s *Service) eachDraw(ctx context.Context, city string, visit func(DrawView) error) error {
	for after := ""; ; {
		list, err := s.Draws(ctx, city, Window{After: after, Limit: listPage})
		if err != nil {
			return err
		}
		for _, d := range list {
			after = d.ID
			if err := visit(d); err != nil {
				return err
			}
		}
		if len(list) < listPage {
			return nil
		}
	}
}

func (s *Service) exportLog(ctx context.Context, city string, w io.Writer) error {
	subject := citySubject(city)
	for from := int64(0); ; from += listPage {
		list, err := s.LogEntries(ctx, from, listPage)
		if err != nil {
			return err
		}
		for _, e := range list {
			if e.Subject != subject && !strings.HasPrefix(e.Subject, subject+"/") {
				continue
			}
			if _, err := fmt.Fprintf(w, "%s\n", e.Record); err != nil {
				return err
			}
		}
		if len(list) < listPage {
			return nil
		}
	}
}

func itoa(n int64) string { return strconv.FormatInt(n, 10) }

// stamp writes a time for people; 0 is empty.
func stamp(unix int64) string {
	if unix == 0 {
		return ""
	}
	return time.Unix(unix, 0).UTC().Format(time.RFC3339)
}

func firstOf(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
