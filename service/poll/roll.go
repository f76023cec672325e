package poll

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"kleroterion/randomness/beacon"
	"kleroterion/randomness/canonical"
	"kleroterion/service/identity"
	"kleroterion/service/voting"
)

// Line is one elector of a roll. Key is nil for a seat without one.
type Line struct {
	Key   *identity.Key `json:"key,omitempty"`
	Voter string        `json:"voter"`
}

// MemberVoter and SeatVoter name a voter as rolls and ballots do.
func MemberVoter(chamber, member string) string { return chamber + "/" + member }

// SeatVoter names the holder of a seat, numbered from 1.
func SeatVoter(seat int64) string { return voting.Jury + "/" + strconv.FormatInt(seat, 10) }

// WriteRoll returns the file of one chamber's roll. The caller lists the electors in their order.
func WriteRoll(lines []Line) ([]byte, error) {
	var out bytes.Buffer
	for i := range lines {
		b, err := canonical.Marshal(lines[i])
		if err != nil {
			return nil, fmt.Errorf("roll, line %d: %w", i+1, err)
		}
		out.Write(b)
		out.WriteByte('\n')
	}
	return out.Bytes(), nil
}

// Electors reads the lines of a roll's file.
func Electors(file []byte) (list []Line, err error) {
	for line := range bytes.Lines(file) {
		l, err := parseLine(bytes.TrimSuffix(line, []byte("\n")))
		if err != nil {
			return nil, refuse(RuleRoll, "line %d: %v", len(list)+1, err)
		}
		list = append(list, l)
	}
	return list, nil
}

func parseLine(b []byte) (Line, error) {
	if l, ok := leanLine(b); ok {
		return l, nil
	}
	return parseLineStrictly(b)
}

func parseLineStrictly(b []byte) (Line, error) {
	var l Line
	if err := canonical.Unmarshal(b, &l); err != nil {
		return Line{}, err
	}
	return l, nil
}

// Roll is who may vote in a poll: the rolls of all its chambers.
type Roll struct {
	electors map[string]*elector
}

type elector struct {
	chamber string
	key     *identity.Key
	casts   int
	last    int // index into Box.last, from 1; 0: has not voted
}

// ReadRoll reads the file of one chamber and adds its electors. It refuses a file that is not the one
// ref names, and says in which line a roll breaks its form.
func (r *Roll) ReadRoll(ref RollRef, file io.Reader) error {
	if r.electors == nil {
		r.electors = map[string]*elector{}
	}
	digest := sha256.New()
	in := bufio.NewScanner(io.TeeReader(file, digest))
	in.Buffer(make([]byte, 4096), maxLine)
	in.Split(endedLines)
	var n, size int64
	prior := ""
	for in.Scan() {
		n, size = n+1, size+int64(len(in.Bytes()))+1
		if err := r.add(ref.Chamber, in.Bytes(), &prior); err != nil {
			return refuse(RuleRoll, "roll of %s, line %d: %v", ref.Chamber, n, err)
		}
	}
	if err := in.Err(); err != nil {
		return refuse(RuleRoll, "roll of %s after line %d: %v", ref.Chamber, n, err)
	}
	if n != ref.Electors {
		return refuse(RuleRoll, "roll of %s has %d lines, the manifest says %d", ref.Chamber, n, ref.Electors)
	}
	if got := (File{Bytes: size, SHA256: beacon.Hash(digest.Sum(nil))}); got != ref.File {
		return refuse(RuleRoll, "roll of %s has %d bytes with SHA-256 %s, the manifest says %d with %s", ref.Chamber, got.Bytes, got.SHA256, ref.File.Bytes, ref.File.SHA256)
	}
	return nil
}

// maxLine is far above the longest key with its voter.
const maxLine = 1 << 16

// endedLines splits at LF and nothing else; a last line without its LF is an error.
func endedLines(data []byte, atEOF bool) (advance int, line []byte, err error) {
	if i := bytes.IndexByte(data, '\n'); i >= 0 {
		return i + 1, data[:i], nil
	}
	if atEOF && len(data) > 0 {
		return 0, nil, errors.New("the next line does not end")
	}
	return 0, nil, nil
}

func (r *Roll) add(chamber string, b []byte, prior *string) error {
	l, err := parseLine(b)
	if err != nil {
		return err
	}
	id, ok := strings.CutPrefix(l.Voter, chamber+"/")
	if !ok || !voterID(chamber, id) {
		return fmt.Errorf("voter %.80q is not of this chamber's form", l.Voter)
	}
	if !follows(chamber, *prior, id) {
		return fmt.Errorf("voter %.80q does not come after the one before", l.Voter)
	}
	if r.electors[l.Voter] != nil {
		return fmt.Errorf("voter %.80q stands in a roll that was read already", l.Voter)
	}
	if l.Key == nil && chamber != voting.Jury {
		return fmt.Errorf("voter %.80q has no key: only seats may lack one", l.Voter)
	}
	if l.Key != nil {
		if err := l.Key.Check(); err != nil {
			return err
		}
	}
	*prior = id
	r.electors[l.Voter] = &elector{chamber: chamber, key: l.Key}
	return nil
}

// IsVoter reports whether a text has the form of a voter's name.
func IsVoter(voter string) bool {
	chamber, id, _ := strings.Cut(voter, "/")
	return slices.Contains([]string{voting.Members, voting.Founders, voting.Jury}, chamber) && voterID(chamber, id)
}

func voterID(chamber, id string) bool {
	if chamber == voting.Jury {
		n, err := strconv.ParseInt(id, 10, 64)
		return err == nil && n > 0 && strconv.FormatInt(n, 10) == id
	}
	return len(id) == 64 && strings.Trim(id, "0123456789abcdef") == ""
}

// follows compares seat numbers as numbers and member ids as text.
func follows(chamber, prior, id string) bool {
	if prior == "" {
		return true
	}
	if chamber == voting.Jury && len(prior) != len(id) {
		return len(prior) < len(id)
	}
	return prior < id
}
