package register

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

func TestGuess(t *testing.T) {
	for _, c := range []struct {
		name, header string
		want         Mapping
		left         []string
	}{
		{"German", "Nr;Vorname;Nachname;Straße;Hausnummer;PLZ;Ort;E-Mail;Alter;Geschlecht;Stadtteil;Bemerkung", Mapping{
			Person: "Nr", Name: []string{"Vorname", "Nachname"}, Address: []string{"Straße", "Hausnummer", "PLZ", "Ort"}, Contact: []string{"E-Mail"},
			Features: []Feature{{Name: "age", Column: "Alter"}, {Name: "gender", Column: "Geschlecht"}, {Name: "neighbourhood", Column: "Stadtteil"}},
		}, []string{"Bemerkung"}},
		{"UK respondents", "nationbuilder_id;first_name;last_name;email;mobile_number;primary_address1;primary_address2;primary_city;zip_royal_mail;age_range;gender;ethnicity;ward", Mapping{
			Person: "nationbuilder_id", Name: []string{"first_name", "last_name"}, Address: []string{"primary_address1", "primary_address2", "primary_city", "zip_royal_mail"}, Contact: []string{"email", "mobile_number"},
			Features: []Feature{{Name: "age_group", Column: "age_range"}, {Name: "gender", Column: "gender"}, {Name: "ward", Column: "ward"}},
		}, []string{"ethnicity"}},
		{"EU respondents", "unique_id;address_line1;postcode;sex;education level", Mapping{
			Person: "unique_id", Address: []string{"address_line1", "postcode"},
			Features: []Feature{{Name: "gender", Column: "sex"}, {Name: "education", Column: "education level"}},
		}, nil},
		{"French", "Identifiant;Prénom;Nom;Rue;Numéro;Code postal;Ville;Courriel;Âge;Sexe;Quartier;Religion", Mapping{
			Person: "Identifiant", Name: []string{"Prénom", "Nom"}, Address: []string{"Rue", "Numéro", "Code postal", "Ville"}, Contact: []string{"Courriel"},
			Features: []Feature{{Name: "age", Column: "Âge"}, {Name: "gender", Column: "Sexe"}, {Name: "neighbourhood", Column: "Quartier"}},
		}, []string{"Religion"}},
		{"Polish", "ID;Imię;Nazwisko;Ulica;Nr domu;Kod pocztowy;Miejscowość;Płeć;Wykształcenie", Mapping{
			Person: "ID", Name: []string{"Imię", "Nazwisko"}, Address: []string{"Ulica", "Nr domu", "Kod pocztowy", "Miejscowość"},
			Features: []Feature{{Name: "gender", Column: "Płeć"}, {Name: "education", Column: "Wykształcenie"}},
		}, nil},
		{"the surer of two numbers", "No;Person ID;Street;No.", Mapping{Person: "Person ID", Address: []string{"Street", "No."}}, []string{"No"}},
		{"one feature from two columns", "id;gender;sex", Mapping{Person: "id", Features: []Feature{{Name: "gender", Column: "gender"}}}, []string{"sex"}},
		{"unnamed columns", "id;;age;", Mapping{Person: "id", Features: []Feature{{Name: "age", Column: "age"}}}, nil},
	} {
		got, left, err := Guess(strings.Split(c.header, ";"))
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
		if diff := cmp.Diff(c.left, left, cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("%s, left out (-want +got):\n%s", c.name, diff)
		}
		if err := got.Validate(); err != nil {
			t.Errorf("%s: the guess is not valid: %v", c.name, err)
		}
	}
}

func TestGuessNeedsThePersonsNumber(t *testing.T) {
	_, left, err := Guess([]string{"name", "age", "shoe size"})
	if err == nil || !strings.Contains(err.Error(), "number") {
		t.Errorf("got %v, want an error on the number", err)
	}
	if diff := cmp.Diff([]string{"shoe size"}, left); diff != "" {
		t.Error(diff)
	}
}

func TestGuessNeverPublishesWhatItDoesNotKnow(t *testing.T) {
	sensitive := []string{"religion", "ethnicity", "ethnic group", "nationality", "party", "disability", "income", "date of birth", "birthdate", "Geburtsdatum", "health", "sexual orientation", "AHV", "passport", "notes"}
	m, left, err := Guess(append([]string{"id"}, sensitive...))
	if err != nil || len(m.Features) > 0 || len(m.Name)+len(m.Address)+len(m.Contact) > 0 {
		t.Errorf("guessed %+v, %v", m, err)
	}
	if diff := cmp.Diff(sensitive, left); diff != "" {
		t.Error(diff)
	}
}

func TestGuessTablesAreInTheirOwnForm(t *testing.T) {
	tables := [][]string{personNames, bareNumbers, nameNames, addressNames, contactNames}
	for _, f := range featureNames {
		tables = append(tables, f.columns)
		if err := checkName(f.feature, MaxFeatureName); err != nil {
			t.Errorf("feature %q %v", f.feature, err)
		}
	}
	seen := map[string]int{}
	for i, table := range tables {
		for _, name := range table {
			if headerKey(name) != name {
				t.Errorf("%q can never match: its key is %q", name, headerKey(name))
			}
			if j, ok := seen[name]; ok && j != i && i != 1 {
				t.Errorf("%q stands in two tables", name)
			}
			seen[name] = i
		}
	}
}
