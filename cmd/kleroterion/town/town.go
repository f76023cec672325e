// Package town makes the register of a town that does not exist: the CSV file of a residents'
// office, for demonstrations, tests and benchmarks. [Write] is all there is.
//
// The same seed gives the same town on every machine. Names are put together from syllables, so
// they name nobody.
package town

import (
	"bufio"
	"fmt"
	"io"

	"kleroterion/randomness"
)

// Mapping is how the columns of the file become a register.
const Mapping = `{"person":"Number","name":["Given name","Surname"],"address":["Street","House"],"contact":["E-mail"],
"features":[{"name":"age","column":"Age","bands":[16,30,45,60]},{"name":"district","column":"District"},{"name":"gender","column":"Gender","sealed":true}]}`

// Districts are the town's quarters, the largest first.
var districts = [...]string{"Harbour", "Hillside", "Market", "Mill", "Orchard"}

var (
	onsets = [...]string{"b", "d", "f", "k", "l", "m", "n", "p", "r", "s", "t", "v"}
	vowels = [...]string{"a", "e", "i", "o", "u", "ia", "ea"}
	codas  = [...]string{"", "n", "l", "r", "s", "m"}
	ways   = [...]string{"Quay", "Lane", "Street", "Rise", "Row", "Yard"}
)

// generator draws numbers one after the other from a seed.
type generator struct {
	seed randomness.Seed
	at   uint64
	name string
}

// below returns a number in [0, n). Every call has a label of its own, so calls are independent.
func (g *generator) below(n int) int {
	g.at++
	return int(g.seed.Uniform(fmt.Sprint(g.name, g.at), uint64(n)))
}

func (g *generator) pick(from []string) string { return from[g.below(len(from))] }

func (g *generator) word(syllables int) string {
	var w []byte
	for range syllables {
		w = append(w, g.pick(onsets[:])+g.pick(vowels[:])...)
	}
	w = append(w, g.pick(codas[:])...)
	w[0] -= 'a' - 'A'
	return string(w)
}

// Write writes a CSV file of n residents in households of one to five.
func Write(w io.Writer, seed [32]byte, n int) error {
	out := bufio.NewWriterSize(w, 1<<16)
	g := &generator{seed: randomness.Seed(seed), name: "town/"}
	if _, err := out.WriteString("Number;Surname;Given name;Street;House;District;Age;Gender;E-mail\n"); err != nil {
		return err
	}
	for person := 0; person < n; {
		person += g.household(out, person, n)
	}
	return out.Flush()
}

// household writes people who share an address and returns how many.
func (g *generator) household(out *bufio.Writer, first, n int) int {
	size := min(1+g.below(3)+g.below(3), n-first)
	surname, street, house := g.word(2), g.word(2)+" "+g.pick(ways[:]), 1+g.below(180)
	district := districts[min(g.below(len(districts)), g.below(len(districts)))]
	for i := range size {
		given := g.word(1 + g.below(2))
		// A buffered writer keeps its first error and returns it at the flush.
		fmt.Fprintf(out, "R%07d;%s;%s;%s;%d;%s;%d;%s;%s.%d@town.example\n", first+i+1, surname, given, street, house,
			district, 16+(g.below(70)+g.below(70))/2, [...]string{"f", "m"}[g.below(2)], given, first+i+1)
	}
	return size
}
