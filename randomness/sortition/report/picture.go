package report

import "math/big"

// Picture is the distribution of chances as stairs: everybody in a row, the lowest chance at the left,
// each as high as their chance.
type Picture struct {
	Steps   []Step
	Highest *big.Rat
	Mean    *big.Rat
	MeanY   int64
}

// Step is one block of the stairs, in units of the drawing.
type Step struct {
	X, Y, Width, Height int64
	People              int64
	Probability         *big.Rat
}

// The drawing is 600 by 200 units, with room for words around it.
const (
	drawingWidth  = 600
	drawingHeight = 200
)

// Draw makes the picture; nil where nobody is in the pool or nobody has a chance.
func (r *Report) Draw() *Picture {
	if r.Candidates == 0 || len(r.Chances) == 0 {
		return nil
	}
	p := &Picture{Highest: r.Chances[len(r.Chances)-1].Probability.Rat, Mean: new(big.Rat)}
	if p.Highest.Sign() == 0 {
		return nil
	}
	people := int64(0)
	for _, c := range r.Chances {
		x := drawingWidth * people / r.Candidates
		people += c.People
		height := scaled(c.Probability.Rat, p.Highest, drawingHeight)
		p.Steps = append(p.Steps, Step{X: x, Y: drawingHeight - height, Width: max(1, drawingWidth*people/r.Candidates-x), Height: height,
			People: c.People, Probability: c.Probability.Rat})
		p.Mean.Add(p.Mean, new(big.Rat).Mul(c.Probability.Rat, whole(c.People)))
	}
	p.Mean.Quo(p.Mean, whole(r.Candidates))
	p.MeanY = drawingHeight - scaled(p.Mean, p.Highest, drawingHeight)
	return p
}
