package service

import (
	"context"
	"errors"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"kleroterion/service/audit"
)

// City is a host city: the tenant to which registers, draws and keys belong. Slug is its name in
// subjects and paths, fixed for ever because the log carries it.
type City struct {
	Slug      string
	Name      string
	CreatedAt int64 // Unix seconds, as every time in this package
	Approvals int64 // officials that a draw needs: 1 or 2; 0 is 1
}

// NewCity is a request for a city.
type NewCity struct {
	Slug string
	Name string
}

// Window is one stretch of a list: up to Limit rows behind After.
type Window struct {
	After string
	Limit int
}

var slugForm = regexp.MustCompile(`^[a-z0-9][a-z0-9._-]{0,62}$`)

// AddCity adds a city and its record.
func (s *Service) AddCity(ctx context.Context, a Actor, in NewCity) (City, error) {
	if err := a.authorise(addCities, ""); err != nil {
		return City{}, err
	}
	if !slugForm.MatchString(in.Slug) {
		return City{}, Refuse(KindInvalid, "slug_form", "slug %.40q is not 1 to 63 of a-z 0-9 . _ - starting with a letter or digit", in.Slug)
	}
	if err := checkLine("name", in.Name, 200); err != nil {
		return City{}, err
	}
	return once(ctx, s, a, func(tx Tx) (City, error) {
		c := City{Slug: in.Slug, Name: in.Name, CreatedAt: s.now(), Approvals: 1}
		if err := tx.AddCity(c); errors.Is(err, ErrExists) {
			return City{}, Refuse(KindConflict, "city_exists", "there is a city %s already", in.Slug)
		} else if err != nil {
			return City{}, err
		}
		_, err := s.append(tx, audit.KindCityAdd, citySubject(c.Slug), audit.CityAdd{Name: c.Name, Slug: c.Slug})
		return c, err
	})
}

// City returns a city. Public.
func (s *Service) City(ctx context.Context, slug string) (c City, err error) {
	err = s.Store.Read(ctx, func(tx Tx) error { c, err = tx.City(slug); return err })
	return c, absent(err, "city")
}

// Cities lists cities by slug. Public.
func (s *Service) Cities(ctx context.Context, w Window) (list []City, err error) {
	err = s.Store.Read(ctx, func(tx Tx) error { list, err = tx.Cities(w.After, w.Limit); return err })
	return list, err
}

func citySubject(slug string) string { return "city/" + slug }

// checkLine refuses a text that is not one trimmed line of 1 to most bytes.
func checkLine(pointer, text string, most int) error {
	bad := text == "" || len(text) > most || !utf8.ValidString(text) ||
		strings.TrimSpace(text) != text || strings.ContainsFunc(text, unicode.IsControl)
	if !bad {
		return nil
	}
	e := Refuse(KindInvalid, "text_form", "%s is not one line of 1 to %d bytes without outer spaces", pointer, most)
	e.Fields = []FieldError{{Pointer: "/" + pointer, Rule: "text_form", Detail: e.Message}}
	return e
}
