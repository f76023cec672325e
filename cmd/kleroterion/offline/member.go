package offline

import (
	"crypto/hmac"
	"crypto/sha256"
	"io"
	"os"
	"strings"

	"kleroterion/randomness/canonical"
	"kleroterion/service/identity"
)

// Claim is a statement about a member, and whose key signs it.
type Claim struct {
	Key       string // file of the signer
	Attester  string // id of the attester; empty when the member signs
	Action    string
	Community string
	Member    string // 64 hex
	Public    string // file with the public key that the statement names, or empty
	Seq       int64
}

// signed is a statement with what makes it effective, as the service takes it.
type signed struct {
	Attestation *identity.Attestation `json:"attestation,omitempty"`
	Signature   *identity.Signature   `json:"signature,omitempty"` // of the member
	Statement   identity.Statement    `json:"statement"`
}

// Attest signs a statement as an attester and writes it with the attestation.
func Attest(w io.Writer, in Claim) error {
	if in.Attester == "" {
		return unusablef("it stands in the charter", "the attester's id is empty")
	}
	return in.sign(w, false)
}

// State signs a statement as the member it is about.
func State(w io.Writer, in Claim) error { return in.sign(w, true) }

func (in Claim) sign(w io.Writer, own bool) error {
	s, err := in.statement(own)
	if err != nil {
		return err
	}
	text, err := s.Canonical()
	if err != nil {
		return unusablef("docs/spec/identity.md lists the members of a statement", "%w", err)
	}
	private, err := readPrivate(in.Key)
	if err != nil {
		return err
	}
	signature := identity.Sign(private, identity.ThingStatement, text)
	out := signed{Statement: s}
	if own {
		out.Signature = &signature
	} else {
		out.Attestation = &identity.Attestation{Attester: in.Attester, Signature: signature}
	}
	return writeJSON(w, out)
}

// statement makes the statement and refuses one that the other side signs.
func (in Claim) statement(own bool) (identity.Statement, error) {
	s := identity.Statement{Action: identity.Action(in.Action), Community: in.Community, Member: in.Member, Seq: in.Seq, V: 1}
	switch {
	case s.Action.Own() && !own:
		return s, unusablef("the member runs kleroterion statement", "the member signs %s, no attester does", in.Action)
	case !s.Action.Own() && own:
		return s, unusablef("the attesters run kleroterion attest", "attesters sign %s, not the member", in.Action)
	case s.Action.WithKey() && in.Public == "":
		return s, unusablef("give --public FILE; kleroterion key show FILE prints it", "%s names a key", in.Action)
	case !s.Action.WithKey() && in.Public != "":
		return s, unusablef("leave --public out", "%s names no key", in.Action)
	case in.Public == "":
		return s, nil
	}
	key, err := readPublic(in.Public)
	s.Key = &key
	return s, err
}

// leastSecret is the least length of the attesters' secret: below it, ids could be reversed by trying
// all numbers under all secrets.
const leastSecret = 32

// MemberToken writes the member id of a document's number: HMAC-SHA256 under the attesters' secret. The
// number is taken without spaces and in capitals, so that one document has one id.
func MemberToken(w io.Writer, secretFile, document string, asJSON bool) error {
	secret, err := os.ReadFile(secretFile)
	if err != nil {
		return Unusable(err, "")
	}
	if len(secret) < leastSecret {
		return unusablef("make one of 32 random bytes, and keep it as long as the community lasts", "%s: %d bytes, want %d at least", secretFile, len(secret), leastSecret)
	}
	number := strings.ToUpper(strings.Join(strings.Fields(document), ""))
	if number == "" {
		return unusablef("give the number as it stands on the document", "the document's number is empty")
	}
	mac := hmac.New(sha256.New, secret)
	mac.Write([]byte(number))
	id := canonical.Hex(mac.Sum(nil))
	if asJSON {
		return writeJSON(w, map[string]any{"member": id})
	}
	_, err = io.WriteString(w, id.String()+"\n")
	return err
}
