package grants

import (
	"bytes"
	"fmt"

	"kleroterion/funding"
	"kleroterion/randomness/canonical"
	"kleroterion/service/poll"
)

// ParseWeights reads a file of weights: one canonical line {"donor","weight"} each, ended by LF, in
// ascending order of donors.
func ParseWeights(file []byte) ([]funding.Weight, error) {
	var list []funding.Weight
	for line := range bytes.Lines(file) {
		text, ended := bytes.CutSuffix(line, []byte("\n"))
		var w funding.Weight
		if err := canonical.Unmarshal(text, &w); err != nil || !ended {
			return nil, refuse(RuleWeights, "weights, line %d: not canonical, or without its end: %v", len(list)+1, err)
		}
		if !isDonor(w.Donor) || w.PPM < 0 || w.PPM > funding.Million {
			return nil, refuse(RuleWeights, "weights, line %d: donor %.80q with %d, want members/<64 hex> with 0 to 1000000", len(list)+1, w.Donor, w.PPM)
		}
		if n := len(list); n > 0 && w.Donor <= list[n-1].Donor {
			return nil, refuse(RuleWeights, "weights, line %d: %s does not come after the one before", n+1, w.Donor)
		}
		list = append(list, w)
	}
	return list, nil
}

// WriteWeights returns the file of weights. The caller lists the donors in ascending order.
func WriteWeights(list []funding.Weight) ([]byte, error) {
	var out bytes.Buffer
	for i, w := range list {
		line, err := canonical.Marshal(w)
		if err != nil {
			return nil, fmt.Errorf("weights, line %d: %w", i+1, err)
		}
		out.Write(append(line, '\n'))
	}
	_, err := ParseWeights(out.Bytes())
	return out.Bytes(), err
}

// ApplyWeights takes weights that are in force from here, with the file that the record names.
func (r *Round) ApplyWeights(w Weights, file []byte) error {
	if err := firstError(w.Check(), r.admits("round.weights", w.At, running)); err != nil {
		return err
	}
	switch {
	case !r.door.Manifest.Weights:
		return refuse(RuleWeights, "round.weights: this round wants no personal weights")
	case r.door.Manifest.Mode == poll.ModeSealed && w.At >= r.door.Manifest.GiftsEnd:
		return refuse(RuleWindow, "round.weights at %d: from gifts_end %d on the sealed gifts may be known", w.At, r.door.Manifest.GiftsEnd)
	case w.Version != r.weighed+1:
		return refuse(RuleWeights, "round.weights: version %d after %d", w.Version, r.weighed)
	case w.File != poll.FileOf(file):
		return refuse(RuleWeights, "round.weights: the file has %d bytes, or another digest than the record says", len(file))
	}
	list, err := ParseWeights(file)
	if err != nil {
		return err
	}
	next := make(map[string]int64, len(list))
	for _, x := range list {
		if r.donors[x.Donor] == nil {
			return refuse(RuleWeights, "round.weights: %s is not on the roll", x.Donor)
		}
		next[x.Donor] = x.PPM
	}
	r.weights, r.weighed, r.last = next, w.Version, w.At
	return nil
}
