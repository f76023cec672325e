package service

import (
	"context"
	"slices"
)

// OwnerLink returns the token of a fresh one-time owner link while nobody holds an operator's key,
// and "" once somebody does. Earlier links end.
func (s *Service) OwnerLink(ctx context.Context) (token string, err error) {
	link, fresh, err := s.mint(NewKey{Role: RoleSetup, Label: "owner link", ExpiresAt: s.now() + setupLife})
	if err != nil {
		return "", err
	}
	err = s.Store.Write(ctx, func(tx Tx) error {
		token = ""
		keys, err := tx.Keys("")
		if err != nil || slices.ContainsFunc(keys, s.rules) {
			return err
		}
		if err := s.endLinks(tx, keys); err != nil {
			return err
		}
		token = fresh
		return tx.AddKey(link)
	})
	return token, err
}

// rules reports whether k is a valid operator's key.
func (s *Service) rules(k Key) bool {
	return k.Role == RoleOperator && k.RevokedAt == 0 && (k.ExpiresAt == 0 || k.ExpiresAt > s.now())
}

func (s *Service) endLinks(tx Tx, keys []Key) error {
	for _, k := range keys {
		if k.Role == RoleSetup && k.RevokedAt == 0 {
			if err := tx.RevokeKey(k.ID, s.now()); err != nil {
				return err
			}
		}
	}
	return nil
}

// Setup trades the token of the owner link for the first operator's key. The link ends in the same
// transaction, so of two who use it at once one is refused.
func (s *Service) Setup(ctx context.Context, token string) (Key, string, error) {
	link, err := s.keyOf(ctx, token)
	if err != nil || link.Role != RoleSetup {
		return Key{}, "", Refuse(KindUnauthorized, "token", "this owner link was used, has expired or was replaced").
			WithHint("run `kleroterion admin create` on the server")
	}
	k, secret, err := s.mint(NewKey{Role: RoleOperator, Label: "owner"})
	if err != nil {
		return Key{}, "", err
	}
	err = s.Store.Write(ctx, func(tx Tx) error {
		current, err := tx.Key(link.ID)
		if err != nil {
			return err
		}
		if current.RevokedAt != 0 {
			return Refuse(KindUnauthorized, "token", "this owner link was used")
		}
		if err := tx.RevokeKey(link.ID, s.now()); err != nil {
			return err
		}
		return tx.AddKey(k)
	})
	return k, secret, err
}

// AddOperator makes an operator's key for whoever runs the program on the server.
func (s *Service) AddOperator(ctx context.Context, label string) (Key, string, error) {
	return s.AddKey(ctx, Actor{Role: RoleOperator, KeyID: "local"}, NewKey{Role: RoleOperator, Label: label})
}

// EnsureOperator makes sure that the given token (from the configuration) is an operator's key.
func (s *Service) EnsureOperator(ctx context.Context, token string) error {
	id, hash, err := splitToken(token)
	if err != nil {
		return Refuse(KindInvalid, "token", "the configured admin token is not of the form klr_<16 characters>_<32 bytes in base64url>")
	}
	return s.Store.Write(ctx, func(tx Tx) error {
		keys, err := tx.Keys("")
		if err != nil {
			return err
		}
		for _, k := range keys {
			if k.ID == id && k.SecretHash == hash && k.RevokedAt == 0 {
				return nil
			}
		}
		return tx.AddKey(Key{ID: id, Role: RoleOperator, Label: "configured", SecretHash: hash, CreatedAt: s.now()})
	})
}

// NewToken makes a token for the configuration of another instance.
func (s *Service) NewToken() (string, error) {
	_, token, err := s.mint(NewKey{})
	return token, err
}
