#!/usr/bin/env bash
# Form, vet, staticcheck, and the tests that need no race detector. None of it waits for a clock.
set -euo pipefail
cd "$(dirname "$0")/.."
. .ci/common.sh

STATICCHECK=honnef.co/go/tools/cmd/staticcheck@v0.8.2 # 2026.2.2

# As the programs are built, so that all of this is compiled once.
export CGO_ENABLED=0

step gofmt
unformatted=$(gofmt -l .)
if [ -n "$unformatted" ]; then
  printf 'gofmt would change:\n%s\nhint: gofmt -w FILE\n' "$unformatted"
  exit 1
fi

step go vet
go vet -tags "$TAGS" ./...

step staticcheck
go run "$STATICCHECK" -tags "$TAGS" ./...

step "the generated client is that of openapi.json"
before=$(cksum < api/client/client.gen.go)
go generate ./api/client
if [ "$(cksum < api/client/client.gen.go)" != "$before" ]; then
  printf 'api/client/client.gen.go was not what api/openapi.json gives; it is now\nhint: commit it\n'
  exit 1
fi

mkdir -p bin
mapfile -t alone < <(packages ALONE)
step "go test, ${#alone[@]} packages without concurrency (the whole output: bin/test-alone.log)"
tests bin/test-alone.log "${alone[@]}"
step "go test, large inputs (the whole output: bin/test-large.log)"
tests bin/test-large.log -run "$LARGE" "${LARGE_PACKAGES[@]}"
