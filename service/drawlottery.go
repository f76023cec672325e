package service

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"

	"kleroterion/randomness/register"
	"kleroterion/randomness/sortition"
	"kleroterion/randomness/sortition/panelfile"
	"kleroterion/service/audit"
	"kleroterion/service/audit/bundle"
)

// chooseLottery fills in what the lottery of a draw says of its manifest, and returns the panel file. A
// draw of another method has neither.
func (s *Service) chooseLottery(ctx context.Context, in NewDraw, m *sortition.Manifest) (data []byte, err error) {
	switch {
	case in.Lottery == "" && in.Method != sortition.Panels:
		return nil, nil
	case in.Lottery == "":
		return nil, Refuse(KindInvalid, "method", "a draw of method panels needs a lottery").WithHint("POST /v1/registers/{register}/lotteries computes one")
	case in.Method != sortition.Panels && in.Method != "":
		return nil, Refuse(KindInvalid, "method", "method %.20q has no lottery: a draw with a lottery is of method panels", in.Method)
	case len(in.Strata) > 0 || len(in.StrataBy) > 0 || in.OnePerHousehold:
		return nil, Refuse(KindInvalid, "method", "a draw with a lottery has no strata and no rule for households of its own: they are in the panel file")
	}
	var l Lottery
	err = s.Store.Read(ctx, func(tx Tx) error {
		if l, err = chosen(tx, in.Lottery, in.City, in.RegisterID); err != nil {
			return err
		}
		data, err = panelData(tx, l)
		return err
	})
	if err != nil {
		return nil, err
	}
	terms, err := parseTerms(l.Terms)
	m.Method, m.OnePerHousehold, m.Strata, m.StrataBy = sortition.Panels, terms.OnePerHousehold, nil, nil
	m.Panels = &sortition.PanelList{Count: l.Panels, FileSHA256: l.File, Root: l.Root}
	return data, err
}

// chosen returns a ready lottery of the city and the register.
func chosen(tx Tx, id, city, registerID string) (Lottery, error) {
	l, err := tx.Lottery(id)
	switch {
	case errors.Is(err, ErrNotFound) || err == nil && l.City != city:
		return Lottery{}, Refuse(KindInvalid, "lottery_unknown", "the city has no lottery %.40s", id)
	case err != nil:
		return Lottery{}, err
	case l.RegisterID != registerID:
		return Lottery{}, Refuse(KindInvalid, "lottery_register", "the lottery %s is over another register than %.40s", id, registerID).
			WithHint("name the register of the lottery, " + l.RegisterID)
	}
	return l, l.ready()
}

// checkFile checks the panel file as a stranger would, who has the register and the manifest.
func (p prepared) checkFile(list *register.Register) error {
	if p.manifest.Panels == nil {
		return nil
	}
	l, err := panelfile.Check(p.file, panelfile.Entries(list))
	if err == nil {
		err = l.Is(*p.manifest.Panels, p.manifest.OnePerHousehold)
	}
	if err != nil {
		return fmt.Errorf("panel file of the draw: %w", err)
	}
	return nil
}

// commitLottery makes the panel file public, in the transaction that opens the draw. The lottery must
// still be ready: it may have been cancelled since the file was checked.
func (p prepared) commitLottery(tx Tx, d Draw) error {
	if p.manifest.Panels == nil {
		return nil
	}
	l, err := chosen(tx, d.LotteryID, d.City, d.RegisterID)
	if err != nil {
		return err
	}
	blob, err := tx.AddBlob(p.file)
	if err != nil {
		return err
	}
	if blob.SHA256 != l.File || blob.SHA256 != p.manifest.Panels.FileSHA256 {
		return fmt.Errorf("panel file %s: lottery %s has %s, the manifest %s", blob.SHA256, l.ID, l.File, p.manifest.Panels.FileSHA256)
	}
	l.DrawID = d.ID
	return firstOf(tx.UpdateLottery(l), tx.DropLotteryFile(l.ID))
}

// haveFile fails while the committed panel file of a draw is not there as it was: nothing is drawn
// from a list that nobody can look at.
func (s *Service) haveFile(ctx context.Context, d Draw, m *sortition.Manifest) error {
	if m.Panels == nil {
		return nil
	}
	return s.Store.Read(ctx, func(tx Tx) error {
		data, err := tx.Blob(m.Panels.FileSHA256)
		if err != nil {
			return fmt.Errorf("panel file of draw %s: %w", d.ID, err)
		}
		if sum := sha256.Sum256(data); sum != m.Panels.FileSHA256 {
			return fmt.Errorf("panel file of draw %s has SHA-256 %x, the manifest names %s: the database was changed", d.ID, sum, m.Panels.FileSHA256)
		}
		return nil
	})
}

// addPanelFiles adds the panel file of every draw of method panels, void ones too; what two draws share
// goes in once.
func (s *Service) addPanelFiles(ctx context.Context, tx Tx, c *bundle.Contents, draws []Draw) error {
	have := map[audit.Hash]bool{}
	for _, d := range draws {
		m, err := sortition.ParseManifest(d.Manifest)
		if err != nil {
			return err
		}
		if m.Panels == nil || have[m.Panels.FileSHA256] {
			continue
		}
		name := m.Panels.FileSHA256
		have[name] = true
		data, err := tx.Blob(name)
		if err != nil {
			return fmt.Errorf("panel file of draw %s: %w", d.ID, err)
		}
		c.Blobs = append(c.Blobs, bundle.Blob{Blob: audit.Blob{SHA256: name, Bytes: int64(len(data))}, Open: func() (io.ReadCloser, error) {
			data, err := s.Blob(ctx, name)
			return io.NopCloser(bytes.NewReader(data)), err
		}})
	}
	return nil
}
