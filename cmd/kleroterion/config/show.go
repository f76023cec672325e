package config

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"reflect"
	"strings"
	"text/tabwriter"
)

// Setting is one line of `config show`.
type Setting struct {
	Flag   string `json:"flag"`
	Env    string `json:"env"`
	Value  string `json:"value"`
	Origin string `json:"origin"` // flag, environment, file or default
	Help   string `json:"help"`
}

// Settings lists all settings with their origins. isFlag tells which flags stood on the command line.
func (c *Config) Settings(isFlag func(string) bool) []Setting {
	var list []Setting
	v := reflect.ValueOf(*c)
	for i := range v.NumField() {
		f := v.Type().Field(i)
		s := Setting{Flag: flagOf(f.Name), Env: f.Tag.Get("env"), Value: fmt.Sprint(v.Field(i)), Help: f.Tag.Get("help")}
		if f.Tag.Get("secret") == "true" && s.Value != "" {
			s.Value = "(set, not shown)"
		}
		s.Origin = c.origin(s, isFlag)
		list = append(list, s)
	}
	return list
}

func (c *Config) origin(s Setting, isFlag func(string) bool) string {
	_, fromEnv := os.LookupEnv(s.Env)
	switch {
	case isFlag(s.Flag):
		return "flag"
	case fromEnv:
		return "environment"
	case s.Flag == "database-url" && c.DatabaseURLFile != "", s.Flag == "admin-token" && c.AdminTokenFile != "":
		return "file"
	default:
		return "default"
	}
}

// Show prints the settings as a table, or as JSON.
func (c *Config) Show(w io.Writer, isFlag func(string) bool, asJSON bool) error {
	list := c.Settings(isFlag)
	if asJSON {
		return json.NewEncoder(w).Encode(list)
	}
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "SETTING\tVALUE\tORIGIN\tENVIRONMENT")
	for _, s := range list {
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\n", s.Flag, s.Value, s.Origin, s.Env)
	}
	return table.Flush()
}

// flagOf is the flag of a field: its name tag, else its name in lower case.
func flagOf(field string) string {
	f, _ := reflect.TypeFor[Config]().FieldByName(field)
	if name := f.Tag.Get("name"); name != "" {
		return name
	}
	return strings.ToLower(f.Name)
}
