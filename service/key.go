package service

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strings"
)

// Role is what a key's holder may do; the table is in authorise.go.
type Role string

// The roles. An operator's key belongs to no city and runs the instance; registrars and auditors
// belong to one. A setup key is the one-time owner link: it can make one operator's key.
const (
	RoleOperator  Role = "operator"
	RoleRegistrar Role = "registrar"
	RoleAuditor   Role = "auditor"
	RoleSteward   Role = "steward" // of a community
	RoleSetup     Role = "setup"
)

// Key is an API key. The secret is shown once and kept only as its SHA-256: it has 256 random bits,
// so a slow hash would add nothing.
type Key struct {
	ID         string // 16 hex digits, part of the token
	City       string // slug; "" for an operator or a steward
	Community  string // slug; "" for all but a steward
	Role       Role
	Label      string
	SecretHash [32]byte
	CreatedAt  int64
	ExpiresAt  int64 // 0: never
	RevokedAt  int64 // 0: valid
}

// Actor is who asks: an authenticated key, or nobody (the zero value).
type Actor struct {
	KeyID     string
	City      string
	Community string
	Role      Role
}

// NewKey is a request for a key.
type NewKey struct {
	City      string
	Community string
	Role      Role
	Label     string
	ExpiresAt int64
}

const setupLife = 24 * 3600

// Authenticate returns who holds the token "klr_<id>_<secret>". Unknown, wrong, expired and revoked
// tokens are refused alike.
func (s *Service) Authenticate(ctx context.Context, token string) (Actor, error) {
	k, err := s.keyOf(ctx, token)
	if err != nil {
		return Actor{}, err
	}
	if k.Role == RoleSetup {
		return Actor{}, badToken()
	}
	return Actor{KeyID: k.ID, City: k.City, Community: k.Community, Role: k.Role}, nil
}

func badToken() error {
	return Refuse(KindUnauthorized, "token", "the API key is unknown, expired or revoked")
}

func (s *Service) keyOf(ctx context.Context, token string) (k Key, err error) {
	id, hash, err := splitToken(token)
	if err != nil {
		return Key{}, badToken()
	}
	err = s.Store.Read(ctx, func(tx Tx) error { k, err = tx.Key(id); return err })
	if err != nil && !errors.Is(err, ErrNotFound) {
		return Key{}, err
	}
	// An unknown id is compared too (with the zero hash), so that time does not tell which ids exist.
	match := subtle.ConstantTimeCompare(hash[:], k.SecretHash[:]) == 1
	if !match || err != nil || k.RevokedAt != 0 || k.ExpiresAt != 0 && k.ExpiresAt <= s.now() {
		return Key{}, badToken()
	}
	return k, nil
}

func splitToken(token string) (id string, hash [32]byte, err error) {
	rest, ok := strings.CutPrefix(token, "klr_")
	id, secret, ok2 := strings.Cut(rest, "_")
	raw, err := base64.RawURLEncoding.Strict().DecodeString(secret)
	if !ok || !ok2 || len(id) != 16 || err != nil || len(raw) != 32 {
		return "", hash, errors.New("not a token")
	}
	return id, sha256.Sum256(raw), nil
}

// AddKey makes a key and returns it with its token, which is never shown again: a replayed request
// gets the key without it.
func (s *Service) AddKey(ctx context.Context, a Actor, in NewKey) (Key, string, error) {
	if err := s.checkNewKey(a, in); err != nil {
		return Key{}, "", err
	}
	fresh, token, err := s.mint(in)
	if err != nil {
		return Key{}, "", err
	}
	k, err := once(ctx, s, a, func(tx Tx) (Key, error) {
		if err := in.owner(tx); err != nil {
			return Key{}, err
		}
		return fresh, tx.AddKey(fresh)
	})
	if err != nil || k.ID != fresh.ID {
		token = ""
	}
	return k, token, err
}

// owner requires the city or community that the key is for.
func (in NewKey) owner(tx Tx) (err error) {
	if in.City != "" {
		_, err = tx.City(in.City)
		return absent(err, "city")
	}
	if in.Community != "" {
		_, err = tx.Community(in.Community)
		return absent(err, "community")
	}
	return nil
}

func (s *Service) checkNewKey(a Actor, in NewKey) error {
	if err := a.manages(in.City, in.Community); err != nil {
		return err
	}
	if in.City == "" && in.Community == "" && a.Role != RoleOperator {
		return Refuse(KindForbidden, "role", "only an operator makes operators' keys")
	}
	fits := map[Role]bool{
		RoleOperator: in.City == "" && in.Community == "", RoleSteward: in.City == "" && in.Community != "",
		RoleRegistrar: in.City != "" && in.Community == "", RoleAuditor: in.City != "" && in.Community == "",
	}
	if !fits[in.Role] {
		return Refuse(KindInvalid, "role", "role %q does not fit: an operator has neither city nor community, registrar and auditor have a city, a steward has a community", in.Role)
	}
	if in.ExpiresAt != 0 && in.ExpiresAt <= s.now() {
		return Refuse(KindInvalid, "expires_at", "expires_at is past")
	}
	return checkLine("label", in.Label, 100)
}

// manages authorises the management of keys where the key belongs.
func (a Actor) manages(city, community string) error {
	if community != "" && city == "" {
		return a.authoriseIn(manageKeys, community)
	}
	return a.authorise(manageKeys, city)
}

// mint makes a key and its token.
func (s *Service) mint(in NewKey) (Key, string, error) {
	var raw [8 + 32]byte
	if _, err := io.ReadFull(s.Entropy, raw[:]); err != nil {
		return Key{}, "", fmt.Errorf("entropy: %w", err)
	}
	id, secret := hex.EncodeToString(raw[:8]), raw[8:]
	k := Key{ID: id, City: in.City, Community: in.Community, Role: in.Role, Label: in.Label, SecretHash: sha256.Sum256(secret),
		CreatedAt: s.now(), ExpiresAt: in.ExpiresAt}
	return k, "klr_" + id + "_" + base64.RawURLEncoding.EncodeToString(secret), nil
}

// Keys lists a city's keys, or the operators' for "". Secrets are not among them.
func (s *Service) Keys(ctx context.Context, a Actor, city string) (list []Key, err error) {
	if err := a.authorise(manageKeys, city); err != nil {
		return nil, err
	}
	if city == "" && a.Role != RoleOperator {
		return nil, Refuse(KindForbidden, "role", "only an operator sees operators' keys")
	}
	err = s.Store.Read(ctx, func(tx Tx) error { list, err = tx.Keys(city); return err })
	return list, err
}

// StewardKeys lists a community's keys.
func (s *Service) StewardKeys(ctx context.Context, a Actor, community string) (list []Key, err error) {
	if err := a.authoriseIn(manageKeys, community); err != nil {
		return nil, err
	}
	err = s.Store.Read(ctx, func(tx Tx) error { list, err = tx.StewardKeys(community); return err })
	return list, err
}

// RevokeKey ends a key at once.
func (s *Service) RevokeKey(ctx context.Context, a Actor, id string) error {
	return s.Store.Write(ctx, func(tx Tx) error {
		k, err := tx.Key(id)
		if err != nil && !errors.Is(err, ErrNotFound) {
			return err
		}
		if auth := a.manages(k.City, k.Community); auth != nil {
			return auth
		}
		if err != nil || k.City == "" && k.Community == "" && a.Role != RoleOperator {
			return Refuse(KindNotFound, "not_found", "no such key")
		}
		return tx.RevokeKey(id, s.now())
	})
}
