package alternates

import "kleroterion/randomness/sortition/quota"

// Measure says how far a panel is from its quotas. Less is nearer: Cost first, then Broken.
type Measure struct {
	Cost   int64 // what moving the bounds to the panel would cost, in thousandths: see quota.Relaxation
	Broken int64 // quotas that the panel does not meet
}

// Measure measures a panel of these people and those seated before the draw.
func (p *Pool) Measure(holding []string) (Measure, error) {
	people, err := p.find("panel", holding)
	if err != nil {
		return Measure{}, err
	}
	seats := p.count(people)
	var m Measure
	for i, row := range p.problem.Rows {
		if row.Kind == quota.OfQuota {
			r := rowMeasure(row, seats[i])
			m.Cost, m.Broken = m.Cost+r.Cost, m.Broken+r.Broken
		}
	}
	return m, nil
}

// count returns the seats in each row of the problem; those of household rows are not counted.
func (p *Pool) count(people []int) []int64 {
	seats := make([]int64, len(p.problem.Rows))
	for _, at := range people {
		p.addTo(seats, p.people[at].kind, 1)
	}
	return seats
}

func (p *Pool) addTo(seats []int64, kind int, n int64) {
	seats[0] += n
	for f, v := range p.kinds[kind].values {
		seats[p.problem.Features[f].Rows[v]] += n
	}
}

// rowMeasure has the prices of quota.Nearest: bounds are cheap to move where they are wide.
func rowMeasure(row quota.Row, seats int64) Measure {
	switch {
	case seats < row.Min:
		return Measure{Cost: (row.Min - seats) * (1000 + 2000/row.Min), Broken: 1}
	case seats > row.Max:
		return Measure{Cost: (seats - row.Max) * 1000, Broken: 1}
	}
	return Measure{}
}

// delta is a difference of measures in one number, the cost above the count of broken quotas. A person
// has at most one value of each feature, so a few people change the count by far less than unit.
type delta int64

const unit = 1 << 20

func (m Measure) minus(n Measure) delta {
	return delta((m.Cost-n.Cost)*unit + m.Broken - n.Broken)
}

// change is what n more seats in a row, or fewer, do to the measure.
func (p *Pool) change(seats []int64, row int, n int64) delta {
	r := p.problem.Rows[row]
	return rowMeasure(r, seats[row]+n).minus(rowMeasure(r, seats[row]))
}

// changeOf is what n more people of a kind, or fewer, do.
func (p *Pool) changeOf(seats []int64, kind int, n int64) delta {
	var d delta
	for f, v := range p.kinds[kind].values {
		d += p.change(seats, p.problem.Features[f].Rows[v], n)
	}
	return d
}
