#!/usr/bin/env bash
# Everything that must hold before a change lands: form, vet, staticcheck, and all tests under the race
# detector. Stops at the first step that fails. CI=true turns a skipped test into a failure.
set -euo pipefail
cd "$(dirname "$0")/.."

STATICCHECK=honnef.co/go/tools/cmd/staticcheck@v0.8.2 # 2026.2.2
TAGS=nomsgpack                                        # Gin without MessagePack, as in the binary
log=bin/test.log

step() { printf '\n== %s (%s s)\n' "$*" "$SECONDS"; }

bash .ci/prepare.sh

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

step "go test -race (the whole output: $log)"
mkdir -p bin
set +e
go test -race -tags "$TAGS" -timeout 15m -v ./... 2>&1 | tee "$log" | awk -v strict="${CI:-}" -f .ci/report.awk
status=("${PIPESTATUS[@]}")
set -e
step finished
[ "${status[0]}" = 0 ] && [ "${status[2]}" = 0 ]
