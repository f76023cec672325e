package service

// City is a host city: the tenant to which registers, draws and keys belong. Slug is its name in
// subjects and paths, fixed for ever because the log carries it.
type City struct {
	Slug      string
	Name      string
	CreatedAt int64 // Unix seconds, as every time in this package
}
