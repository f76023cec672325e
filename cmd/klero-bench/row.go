package main

import (
	"fmt"
	"time"
)

// Unit is what a quantity counts.
type Unit string

// The units of the table.
const (
	Seconds   Unit = "s"
	Bytes     Unit = "B"
	PerSecond Unit = "/s"
)

// Quantity is a measured value.
type Quantity struct {
	Value float64 `json:"value"`
	Unit  Unit    `json:"unit"`
}

func took(d time.Duration) Quantity { return Quantity{d.Seconds(), Seconds} }

func size(bytes int64) Quantity { return Quantity{float64(bytes), Bytes} }

// rate is n things in d.
func rate(n int, d time.Duration) Quantity { return Quantity{float64(n) / d.Seconds(), PerSecond} }

// String writes the value with a unit that people read easily.
func (q Quantity) String() string {
	switch q.Unit {
	case Seconds:
		return time.Duration(q.Value * float64(time.Second)).Round(precision(q.Value)).String()
	case Bytes:
		return fmt.Sprintf("%.1f MB", q.Value/1e6)
	}
	return fmt.Sprintf("%.0f%s", q.Value, q.Unit)
}

// precision leaves three or four digits of a time in seconds.
func precision(seconds float64) time.Duration {
	switch {
	case seconds >= 1:
		return 10 * time.Millisecond
	case seconds >= 1e-3:
		return 10 * time.Microsecond
	}
	return 10 * time.Nanosecond
}

// Bound is a promise about the figure, or about its ratio to the limit.
type Bound struct {
	Ratio  float64   `json:"ratio,omitempty"`
	Figure *Quantity `json:"figure,omitempty"`
}

// times promises a ratio of at most r.
func times(r float64) *Bound { return &Bound{Ratio: r} }

// within promises a figure of at most q.
func within(q Quantity) *Bound { return &Bound{Figure: &q} }

func (b *Bound) String() string {
	switch {
	case b == nil:
		return "-"
	case b.Figure != nil:
		return "≤ " + b.Figure.String()
	}
	return fmt.Sprintf("≤ %gx", b.Ratio)
}

// Row is one line of the table.
type Row struct {
	Name   string    `json:"name"`
	What   string    `json:"what"`
	Figure Quantity  `json:"figure"`
	Limit  *Quantity `json:"limit,omitempty"`
	Beside string    `json:"beside,omitempty"` // what the limit is
	Ratio  float64   `json:"ratio,omitempty"`  // how many times the limit; 1 is the limit itself
	Bound  *Bound    `json:"bound,omitempty"`
	OK     *bool     `json:"ok,omitempty"` // absent where nothing is promised
}

// against sets the limit and the ratio: how many times longer, larger or slower the figure is.
func (r Row) against(limit Quantity, beside string) Row {
	r.Limit, r.Beside = &limit, beside
	if r.Ratio = r.Figure.Value / limit.Value; r.Figure.Unit == PerSecond {
		r.Ratio = 1 / r.Ratio
	}
	return r
}

// promise judges the row; a nil bound promises nothing.
func (r Row) promise(b *Bound) Row {
	if b == nil {
		return r
	}
	ok := r.Ratio <= b.Ratio
	if b.Figure != nil {
		ok = r.Figure.Value <= b.Figure.Value
	}
	r.Bound, r.OK = b, &ok
	return r
}

func (r Row) verdict() string {
	switch {
	case r.OK == nil:
		return "-"
	case *r.OK:
		return "ok"
	}
	return "OVER"
}

func anyOver(rows []Row) bool {
	for _, r := range rows {
		if r.OK != nil && !*r.OK {
			return true
		}
	}
	return false
}
