package api

import (
	"context"
	"encoding/json"

	"kleroterion/service"
)

// Register is one list of people. Of a frozen register everyone sees the public part; mapping,
// report and erasures are the city's.
type Register struct {
	ID         string          `json:"id"`
	City       string          `json:"city"`
	Name       string          `json:"name"`
	State      string          `json:"state" enum:"draft,importing,imported,freezing,frozen"`
	Rows       int64           `json:"rows" description:"people in the list"`
	K          int64           `json:"k" description:"smallest cell that is published without a warning"`
	SmallCells string          `json:"small_cells,omitempty" enum:"none,published"`
	Root       string          `json:"root,omitempty" description:"tree hash over the lines of the public file"`
	FileSHA256 string          `json:"file_sha256,omitempty" description:"digest of the public file"`
	Bytes      int64           `json:"bytes,omitempty" description:"length of the public file"`
	Features   []string        `json:"features" description:"names of the disclosed features"`
	Households bool            `json:"households" description:"whether entries name households"`
	Sealed     bool            `json:"sealed" description:"whether entries have sealed features"`
	Erased     int64           `json:"erased,omitempty" description:"private rows erased since"`
	CreatedAt  int64           `json:"created_at"`
	FrozenAt   int64           `json:"frozen_at,omitempty"`
	Mapping    json.RawMessage `json:"mapping,omitempty" description:"how columns become features"`
	Report     json.RawMessage `json:"report,omitempty" description:"counts of the last import"`
}

// NewRegister asks for an empty register.
type NewRegister struct {
	City    string   `json:"city" validate:"slug"`
	Name    string   `json:"name" validate:"slug" description:"last segment of its subject in the log"`
	Mapping *Mapping `json:"mapping,omitempty" description:"how columns become features; left out: guessed from the header"`
	K       int64    `json:"k,omitempty" validate:"omitempty,min=1,max=1000" description:"smallest cell that is published without a warning; default 5"`
}

// Mapping says which columns of a CSV file hold what.
type Mapping struct {
	Person   string    `json:"person" validate:"required,max=200" description:"column with the city's own number for the person, unique in the file"`
	Name     []string  `json:"name,omitempty" validate:"max=8,dive,max=200" description:"columns of the name"`
	Address  []string  `json:"address,omitempty" validate:"max=8,dive,max=200" description:"columns of the address, from which households follow"`
	Contact  []string  `json:"contact,omitempty" validate:"max=8,dive,max=200" description:"columns of the contact"`
	Features []Feature `json:"features,omitempty" validate:"max=32,dive" description:"what quotas and strata may use"`
}

// Feature is one property of people, made from one column.
type Feature struct {
	Name   string   `json:"name" validate:"required,max=64"`
	Column string   `json:"column" validate:"required,max=200"`
	Bands  []int64  `json:"bands,omitempty" validate:"max=100" description:"lower bounds, ascending, that turn a whole number into a band"`
	Values []string `json:"values,omitempty" validate:"max=1000,dive,max=128" description:"the values allowed, or the names of the bands"`
	Sealed bool     `json:"sealed,omitempty" description:"kept under a seal instead of published"`
}

type newRegister struct {
	Body NewRegister
}

type byRegister struct {
	ID string `path:"register" validate:"id"`
}

type registersOf struct {
	City string `query:"city" validate:"slug" required:"true"`
	window
}

func (a *API) registerRoutes() []route {
	return []route{
		define(operation{
			method: "POST", path: "/v1/registers", id: "addRegister", tag: "registers", status: 201, access: keyed,
			summary: "Make a register", about: "It is empty: upload its rows, then freeze it.",
		}, a.addRegister),
		define(operation{
			method: "GET", path: "/v1/registers", id: "listRegisters", tag: "registers", access: either,
			summary: "List a city's registers", about: "Frozen ones are everyone's to see, others their city's.",
		}, a.listRegisters),
		define(operation{
			method: "GET", path: "/v1/registers/{register}", id: "getRegister", tag: "registers", access: either,
			summary: "Get a register", about: "A frozen one is everyone's to see, others their city's.",
		}, a.getRegister),
	}
}

func (a *API) addRegister(ctx context.Context, q asked[newRegister]) (answer[Register], error) {
	in := q.in.Body
	mapping, err := in.Mapping.encoded()
	if err != nil {
		return answer[Register]{}, err
	}
	r, err := a.Service.AddRegister(ctx, q.who, service.NewRegister{City: in.City, Name: in.Name, Mapping: mapping, K: in.K})
	return answer[Register]{body: registerOf(r), location: "/v1/registers/" + r.ID}, err
}

// encoded is the mapping as the service takes it: nothing where there is none.
func (m *Mapping) encoded() ([]byte, error) {
	if m == nil {
		return nil, nil
	}
	return encode(m)
}

func (a *API) listRegisters(ctx context.Context, q asked[registersOf]) (answer[list[Register]], error) {
	name := "registers/" + q.in.City
	after, err := fromCursor(name, q.in.Cursor)
	if err != nil {
		return answer[list[Register]]{}, err
	}
	limit := limitOf(q.in.Limit)
	rows, err := a.Service.Registers(ctx, q.who, q.in.City, service.Window{After: after, Limit: limit})
	return stretch(rows, limit, registerOf, func(r service.Register) string { return cursorTo(name, r.ID) }), err
}

func (a *API) getRegister(ctx context.Context, q asked[byRegister]) (answer[Register], error) {
	r, err := a.Service.Register(ctx, q.who, q.in.ID)
	return ok(registerOf(r)), err
}

func registerOf(r service.Register) Register {
	out := Register{
		ID: r.ID, City: r.City, Name: r.Name, State: string(r.State), Rows: r.Rows, K: r.K, Features: orEmpty(r.Features),
		Households: r.Households, Sealed: r.Sealed, Erased: r.Erased, CreatedAt: r.CreatedAt, Mapping: r.Mapping, Report: r.Report,
	}
	if r.State == service.RegisterFrozen {
		out.SmallCells, out.Root, out.FileSHA256 = r.SmallCells, r.Root.String(), r.File.String()
		out.Bytes, out.FrozenAt = r.Bytes, r.FrozenAt
	}
	return out
}

// orEmpty keeps null out of answers.
func orEmpty[T any](s []T) []T {
	if s == nil {
		return []T{}
	}
	return s
}
