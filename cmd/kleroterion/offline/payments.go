package offline

import (
	"bytes"
	"crypto/ed25519"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"kleroterion/randomness/canonical"
	"kleroterion/service/grants"
)

// PaidList names payments that a connector signs.
type PaidList struct {
	Round     string // file with the manifest
	Key       string // file with the connector's key
	Connector string // its id in the manifest
	CSV       string // donor,project,amount,reference
}

const (
	maxPayments  = 10_000
	paymentsHint = "a header donor,project,amount,reference, then a payment a line: members/<id>, the project's id, whole minor units, what your books say"
)

// Payments writes a line for each payment, signed by the connector, as POST
// /v1/rounds/{round}/gifts/import takes them. With one bad row it writes nothing and names every bad one.
func Payments(w io.Writer, in PaidList) error {
	door, err := readRound(in.Round)
	if err != nil {
		return err
	}
	private, err := readPrivate(in.Key)
	if err != nil {
		return err
	}
	if err := ofConnector(door, in.Connector, private); err != nil {
		return err
	}
	rows, err := readPayments(in.CSV)
	if err != nil {
		return err
	}
	var out bytes.Buffer
	var bad []error
	for i, row := range rows {
		line, err := signPayment(door, in.Connector, private, row)
		if err != nil {
			bad = append(bad, fmt.Errorf("%s line %d: %w", in.CSV, i+2, err))
			continue
		}
		out.Write(append(line, '\n'))
	}
	if len(bad) > 0 {
		return unusablef(paymentsHint, "%d of %d payments are unusable, nothing is written:\n%w", len(bad), len(rows), errors.Join(bad...))
	}
	_, err = w.Write(out.Bytes())
	return err
}

func ofConnector(door grants.Door, id string, private ed25519.PrivateKey) error {
	i := slices.IndexFunc(door.Manifest.Connectors, func(c grants.Connector) bool { return c.ID == id })
	if i < 0 {
		return unusablef("the manifest lists its connectors", "%.40q is no connector of this round", id)
	}
	if !door.Manifest.Connectors[i].Key.Equal(publicOf(private)) {
		return unusablef("take the key file whose public key the manifest has", "the key is not that of connector %s", id)
	}
	return nil
}

// readPayments reads the rows after the header; a byte order mark, CRLF and semicolons are what
// spreadsheets write.
func readPayments(file string) ([][]string, error) {
	b, err := os.ReadFile(file)
	if err != nil {
		return nil, Unusable(err, "")
	}
	b = bytes.TrimPrefix(b, []byte("\xef\xbb\xbf"))
	r := csv.NewReader(bytes.NewReader(b))
	if first, _, _ := bytes.Cut(b, []byte("\n")); bytes.Count(first, []byte(";")) == 3 {
		r.Comma = ';'
	}
	rows, err := r.ReadAll()
	if err != nil {
		return nil, unusablef(paymentsHint, "%s: %w", file, err)
	}
	if len(rows) < 2 || !slices.Equal(rows[0], []string{"donor", "project", "amount", "reference"}) {
		return nil, unusablef(paymentsHint, "%s: no payments under the header donor,project,amount,reference", file)
	}
	if len(rows)-1 > maxPayments {
		return nil, unusablef("split the file: each part is recorded whole or not at all", "%s: %d payments, one import takes %d", file, len(rows)-1, maxPayments)
	}
	return rows[1:], nil
}

func signPayment(door grants.Door, connector string, private ed25519.PrivateKey, row []string) ([]byte, error) {
	if err := checkMinor(row[2]); err != nil {
		return nil, err
	}
	if donor := row[0]; !strings.HasPrefix(donor, "members/") {
		return nil, fmt.Errorf("donor %.80q is not members/<id>", donor)
	}
	g, err := grants.Paid{Amount: row[2], Donor: row[0], Project: row[1], Reference: row[3], Round: door.Hash}.Sign(private, connector, door.Manifest.GiftsStart)
	if err == nil {
		err = g.Check()
	}
	if err != nil {
		return nil, err
	}
	return canonical.Marshal(sent(g))
}
