package api_test

import (
	"fmt"
	"strings"
	"testing"

	"kleroterion/api"
	"kleroterion/funding"
)

// FuzzWeightsOfCSV holds that what is read is in bounds, and the same when it is written plainly and read again.
func FuzzWeightsOfCSV(f *testing.F) {
	for _, text := range []string{
		"donor,weight\n" + donor(0) + ",0\n" + donor(1) + ",1000000\n", "donor,weight", "donor,weight\r\n\"" + donor(0) + "\",5\r\n",
		"weight,donor\n", "", "donor,weight\n,\n", "donor,weight\nx\n", "donor,weight\n" + donor(0) + ",+1\n", "donor,weight\n\"", "donor,weight,x\n",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		rows, err := api.WeightsOfCSV([]byte(text))
		if err != nil {
			return
		}
		var plain strings.Builder
		plain.WriteString("donor,weight\n")
		for _, w := range rows {
			if w.PPM < 0 || w.PPM > funding.Million || len(w.Donor) != len(donor(0)) {
				t.Fatalf("%q gave %+v", text, w)
			}
			fmt.Fprintf(&plain, "%s,%d\n", w.Donor, w.PPM)
		}
		again, err := api.WeightsOfCSV([]byte(plain.String()))
		if err != nil || fmt.Sprint(again) != fmt.Sprint(rows) {
			t.Fatalf("%q gave %v, written plainly %v: %v", text, rows, again, err)
		}
	})
}
