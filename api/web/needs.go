package web

import (
	"context"
	"io"

	"kleroterion/randomness/beacon"
	"kleroterion/randomness/register"
	"kleroterion/service"
)

// Service is what the pages ask for. All of it but Setup is public.
type Service interface {
	Places
	Lists
	Head
	Setup(ctx context.Context, token string) (service.Key, string, error)
}

// Places are cities and their draws.
type Places interface {
	City(ctx context.Context, slug string) (service.City, error)
	Cities(context.Context, service.Window) ([]service.City, error)
	Draw(ctx context.Context, id string) (service.DrawView, error)
	Draws(ctx context.Context, city string, w service.Window) ([]service.DrawView, error)
}

// Lists are registers.
type Lists interface {
	Registers(ctx context.Context, who service.Actor, city string, w service.Window) ([]service.Register, error)
	RegisterFile(ctx context.Context, root beacon.Hash, w io.Writer) (int64, error)
	Line(ctx context.Context, root beacon.Hash, id [32]byte) (register.Proof, error)
}

// Head is where randomness comes from and how long the log is.
type Head interface {
	LogHead(context.Context) (service.LogHead, error)
	ChainList() []*beacon.Chain
}
