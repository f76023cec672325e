package register_test

import (
	"bytes"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"strings"

	"kleroterion/randomness/register"
)

// A city's file becomes a frozen register, and one person checks their own line in it.
func Example() {
	file := "Nr;Name;Straße;Geschlecht;Notiz\n1;Ann;Weg 1;w;\n2;Bo;Weg 1;m;likes tea\n"
	im, err := register.NewImporter(strings.NewReader(file), register.Options{Entropy: rand.Reader})
	if err != nil {
		fmt.Println(err)
		return
	}
	key, err := register.NewSecret(rand.Reader)
	if err != nil {
		fmt.Println(err)
		return
	}
	sealer, err := register.NewSealer(key, rand.Reader)
	if err != nil {
		fmt.Println(err)
		return
	}
	var entries []register.Entry
	var ann register.Private
	for {
		row, err := im.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			fmt.Println(err)
			return
		}
		p, err := sealer.Seal(row)
		if err != nil {
			fmt.Println(err)
			return
		}
		if entries = append(entries, p.Entry); row.Record.Person == "1" {
			ann = p
		}
	}
	report := im.Report(5)
	fmt.Println("in order:", report.OK, "- left out:", report.LeftOut, "- small cells:", len(report.SmallCells))

	list, err := register.FromEntries(entries)
	if err != nil {
		fmt.Println(err)
		return
	}
	proof, err := list.ProveID(ann.Entry.ID)
	if err != nil {
		fmt.Println(err)
		return
	}
	entry, err := register.Check(register.Record{Person: "1", Name: "Ann", Address: "Weg 1"}, ann.Salt, proof)
	fmt.Println("Ann takes part as:", entry.Features["gender"], err)
	// Output:
	// in order: true - left out: [Notiz] - small cells: 2
	// Ann takes part as: w <nil>
}

// A register file is read strictly; the refusal names the line and the rule.
func ExampleRead() {
	line := `{"features":{},"id":"033be8beffb4261f9ceb8c2c6ec4ce2ceab84c6dd5bec41551304475e4674a15"}` + "\n"
	r, err := register.Read(bytes.NewReader([]byte(line)))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(r.Size(), "entry in", r.Bytes(), "bytes")
	_, err = register.Read(strings.NewReader(line + line))
	fmt.Println(err)
	// Output:
	// 1 entry in 88 bytes
	// register line 2: duplicate_id: id 033be8beffb4261f9ceb8c2c6ec4ce2ceab84c6dd5bec41551304475e4674a15 is that of the line before
}
