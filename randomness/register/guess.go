package register

import (
	"errors"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Guess proposes a mapping for a header, from the names that columns commonly have in ten European
// languages, and returns the columns that it leaves out, for display. It maps nothing that it does
// not know, bands nothing, and never maps origin, religion, health or opinion: such features are
// mapped by hand or not at all. It fails when no column looks like the person's number; the columns
// left out are then all that it did not know.
func Guess(header []string) (Mapping, []string, error) {
	g := guesser{rank: len(personNames)}
	for i, name := range header {
		g.place(header, i, clean(name))
	}
	if g.m.Person == "" {
		return Mapping{}, g.left, errors.New("no column looks like the person's own number (id, person_id, nr …): name it in a mapping")
	}
	return g.m, g.left, nil
}

type guesser struct {
	m    Mapping
	rank int // of the column taken for the person so far; lower is surer
	left []string
}

func (g *guesser) place(header []string, i int, name string) {
	key := headerKey(name)
	switch {
	case key == "":
	case isHouseNumber(header, i, key), slices.Contains(addressNames, key):
		g.m.Address = append(g.m.Address, name)
	case slices.Contains(personNames, key):
		g.person(name, slices.Index(personNames, key))
	case slices.Contains(nameNames, key):
		g.m.Name = append(g.m.Name, name)
	case slices.Contains(contactNames, key):
		g.m.Contact = append(g.m.Contact, name)
	default:
		g.feature(name, key)
	}
}

// person keeps the surest of several columns that look like the person's number.
func (g *guesser) person(name string, rank int) {
	if rank >= g.rank {
		g.left = append(g.left, name)
		return
	}
	if g.m.Person != "" {
		g.left = append(g.left, g.m.Person)
	}
	g.m.Person, g.rank = name, rank
}

// feature takes the first column for each feature that is known.
func (g *guesser) feature(name, key string) {
	for _, known := range featureNames {
		if !slices.Contains(known.columns, key) {
			continue
		}
		if !slices.ContainsFunc(g.m.Features, func(f Feature) bool { return f.Name == known.feature }) {
			g.m.Features = append(g.m.Features, Feature{Name: known.feature, Column: name})
			return
		}
	}
	g.left = append(g.left, name)
}

// isHouseNumber tells a number that stands right of a street from the person's number.
func isHouseNumber(header []string, i int, key string) bool {
	return i > 0 && slices.Contains(bareNumbers, key) && slices.Contains(streetNames, headerKey(header[i-1]))
}

// headerKey reduces a column name to its lower-case letters and digits without accents.
func headerKey(name string) string {
	name = strings.ReplaceAll(strings.ToLower(name), "ß", "ss")
	name = strings.NewReplacer("ø", "o", "æ", "ae", "ł", "l").Replace(name)
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return r
		}
		return -1
	}, norm.NFKD.String(name))
}
