package alternates

import (
	"fmt"
	"math"
	"slices"
)

// State is where a panel stands when seats are to be filled. All ids are candidates of the draw; people
// seated before the draw are known from its file.
type State struct {
	Holding []string // have a seat, or an offer of one that is not answered yet
	Asked   []string // were offered a seat, and do not hold it: never asked again
	Open    int64    // seats to fill
}

// Fill returns the people to whom the open seats are offered, in ticket order: fewer where nobody is
// left whom the rule can ask.
func (p *Pool) Fill(s State) ([]string, error) {
	f, err := p.newFilling(s)
	if err != nil {
		return nil, err
	}
	for int64(len(f.chosen)) < s.Open {
		next := f.pair()
		if len(next) == 0 || s.Open-int64(len(f.chosen)) == 1 {
			next = f.single()
		}
		if len(next) == 0 {
			break
		}
		for _, at := range next {
			f.seat(at)
		}
	}
	for f.exchange() {
	}
	slices.Sort(f.chosen)
	return p.ids(f.chosen), nil
}

// filling is one call of Fill: seats, and who may be asked.
type filling struct {
	*Pool
	seats  []int64 // by row
	barred []bool  // by person: holds a seat, or was asked
	homes  map[int]bool
	chosen []int
}

func (p *Pool) newFilling(s State) (*filling, error) {
	holding, err := p.find("holding", s.Holding)
	if err != nil {
		return nil, err
	}
	asked, err := p.find("asked", s.Asked)
	if err != nil {
		return nil, err
	}
	if room := p.problem.Size - int64(len(holding)); s.Open < 0 || s.Open > room {
		return nil, fmt.Errorf("%d open seats: %d of %d are held", s.Open, len(holding), p.problem.Size)
	}
	f := &filling{Pool: p, seats: make([]int64, len(p.problem.Rows)), barred: make([]bool, len(p.people)), homes: map[int]bool{}}
	for _, at := range holding {
		f.occupy(at)
	}
	for _, at := range asked {
		if f.barred[at] {
			return nil, fmt.Errorf("asked: %s holds a seat", p.people[at].id)
		}
		f.barred[at] = true
	}
	return f, nil
}

func (f *filling) occupy(at int) {
	f.addTo(f.seats, f.people[at].kind, 1)
	f.barred[at] = true
	if home := f.people[at].home; home != alone {
		f.homes[home] = true
	}
}

func (f *filling) seat(at int) {
	f.occupy(at)
	f.chosen = append(f.chosen, at)
}

// vacate undoes seat; the caller takes the person out of chosen.
func (f *filling) vacate(at int) {
	f.addTo(f.seats, f.people[at].kind, -1)
	f.barred[at] = false
	delete(f.homes, f.people[at].home)
}

// none marks that nobody is left.
const none = -1

// first returns the lowest ticket of a kind after the person at from that may be asked and is not of
// the household home.
func (f *filling) first(k, from, home int) int {
	people := f.kinds[k].people
	start, _ := slices.BinarySearch(people, from+1)
	for _, at := range people[start:] {
		h := f.people[at].home
		if !f.barred[at] && (h == alone || h != home && !f.homes[h]) {
			return at
		}
	}
	return none
}

// single returns the best person alone, nothing where nobody is left.
func (f *filling) single() []int {
	best, who := delta(math.MaxInt64), none
	for k := range f.kinds {
		at := f.first(k, none, alone)
		if at == none {
			continue
		}
		if d := f.changeOf(f.seats, k, 1); d < best || d == best && at < who {
			best, who = d, at
		}
	}
	if who == none {
		return nil
	}
	return []int{who}
}

// exchange gives the seat of one person just chosen to another, if that helps: the exchange with the
// lowest measure, then the lowest ticket in, then the highest ticket out.
func (f *filling) exchange() bool {
	best, out, in := delta(0), none, none
	for i, at := range f.chosen {
		gain := f.changeOf(f.seats, f.people[at].kind, -1)
		f.vacate(at)
		f.barred[at] = true
		if next := f.single(); next != nil {
			d := gain + f.changeOf(f.seats, f.people[next[0]].kind, 1)
			better := d < best || d == best && out != none && (next[0] < in || next[0] == in && at > f.chosen[out])
			if better {
				best, out, in = d, i, next[0]
			}
		}
		f.occupy(at)
	}
	if out == none {
		return false
	}
	f.vacate(f.chosen[out])
	f.chosen = slices.Delete(f.chosen, out, out+1)
	f.seat(in)
	return true
}
