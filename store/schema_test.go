package store

import (
	"strings"
	"sync"
	"testing"

	"gorm.io/gorm"
	"gorm.io/gorm/schema"
)

// columns describes a table as the database has it: name -> type class, with "key" in a primary key.
func columns(t testing.TB, g *gorm.DB, model any) map[string]string {
	t.Helper()
	types, err := g.Migrator().ColumnTypes(model)
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]string{}
	for _, c := range types {
		class := typeClass(t, c.DatabaseTypeName())
		if key, ok := c.PrimaryKey(); ok && key {
			class += " key"
		}
		found[c.Name()] = class
	}
	return found
}

// typeClass puts the names of both databases together. SQLite has no type for truth values.
func typeClass(t testing.TB, name string) string {
	t.Helper()
	class, ok := map[string]string{
		"integer": "number", "int8": "number", "bigint": "number", "bool": "number", "boolean": "number",
		"text": "text", "blob": "bytes", "bytea": "bytes",
	}[strings.ToLower(name)]
	if !ok {
		t.Fatalf("column type %q is not one that both databases share", name)
	}
	return class
}

// modelColumns describes a table as its model has it.
func modelColumns(t testing.TB, g *gorm.DB, model any) map[string]string {
	t.Helper()
	s, err := schema.Parse(model, &sync.Map{}, g.NamingStrategy)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{}
	for _, f := range s.Fields {
		class := map[schema.DataType]string{
			schema.Int: "number", schema.Uint: "number", schema.Bool: "number", schema.String: "text", schema.Bytes: "bytes",
		}[f.DataType]
		if f.PrimaryKey {
			class += " key"
		}
		want[f.DBName] = class
	}
	return want
}
