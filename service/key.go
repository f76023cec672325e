package service

// Role is what a key's holder may do; the table is in authorise.go.
type Role string

// The roles. An operator's key belongs to no city and runs the instance; the others belong to one.
const (
	RoleOperator  Role = "operator"
	RoleRegistrar Role = "registrar"
	RoleAuditor   Role = "auditor"
)

// Key is an API key. The secret is shown once and kept only as its SHA-256.
type Key struct {
	ID         string // 16 lower-case letters and digits, part of the token
	City       string // slug; "" for an operator
	Role       Role
	Label      string
	SecretHash [32]byte
	CreatedAt  int64
	ExpiresAt  int64 // 0: never
	RevokedAt  int64 // 0: valid
}

// Actor is who asks: an authenticated key, the service itself, or nobody (the zero value).
type Actor struct {
	KeyID string
	City  string
	Role  Role
}
