// Package client talks to a kleroterion instance over HTTP.
//
// [New] gives an [Instance], which has a method for every operation of the OpenAPI document (they are
// generated) and a few that do what most programs want: [Instance.Upload] with progress,
// [Instance.WaitJob], [Instance.WaitCorrection], [Instance.DownloadBundle], [Instance.DownloadPollBundle],
// [Instance.DownloadRoundBundle], [Instance.DownloadLottery]. Every refusal of the server comes back as a
// *[problem.Problem], whichever method was called:
//
//	i, err := client.New("https://draws.example", token)
//	answer, err := i.GetDrawWithResponse(ctx, id) // answer.JSON200 is the draw
//	var refused *problem.Problem
//	if errors.As(err, &refused) && refused.Code == "not_found" { … }
//
// The package refuses downloads whose digest is not the one that the server announced. It proves
// nothing about a draw: that is for klero-verify.
package client

//go:generate go run github.com/oapi-codegen/oapi-codegen/v2/cmd/oapi-codegen@v2.8.2 -config generate.yaml ../openapi.json
