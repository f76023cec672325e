#!/usr/bin/env bash
# Everything that must hold before a change lands: form, vet, staticcheck, and all tests, under the race
# detector where there is something to race. Stops at the first step that fails. CI=true turns a skipped test into a failure.
set -euo pipefail
cd "$(dirname "$0")/.."

STATICCHECK=honnef.co/go/tools/cmd/staticcheck@v0.8.2 # 2026.2.2
TAGS=nomsgpack                                        # Gin without MessagePack, as in the binary

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

# tests LOG ARGUMENTS...: runs go test and prints its report; the whole output goes to the log.
tests() {
  local log=$1 status
  shift
  set +e
  go test -tags "$TAGS" -timeout 15m -v "$@" 2>&1 | tee "$log" | awk -v strict="${CI:-}" -f .ci/report.awk
  status=("${PIPESTATUS[@]}")
  set -e
  [ "${status[0]}" = 0 ] && [ "${status[2]}" = 0 ]
}

# A package that starts no goroutine and shares no memory has nothing that the race detector could find,
# and its tests take many times as long under it.
alone=() shared=()
while read -r dir package; do
  if grep -qE '^\s*go (func|[A-Za-z_.]+\()|"sync"|"sync/atomic"|errgroup|\.Go\(' "$dir"/*.go; then
    shared+=("$package")
  else
    alone+=("$package")
  fi
done < <(go list -tags "$TAGS" -f '{{.Dir}} {{.ImportPath}}' ./...)

# These match a million gifts, measure everything once, and read many changed ballots: minutes under the race detector, which sees the
# same code at work on small inputs.
LARGE='^(TestExpectedDigests|TestEveryRowIsMeasured|TestChangedBallotsAreReadAlike)$'

mkdir -p bin
step "go test, ${#alone[@]} packages without concurrency (the whole output: bin/test-alone.log)"
tests bin/test-alone.log "${alone[@]}"
step "go test, large inputs (the whole output: bin/test-large.log)"
tests bin/test-large.log -run "$LARGE" ./funding ./cmd/klero-bench ./service/poll
step "go test -race, the other ${#shared[@]} packages (the whole output: bin/test.log)"
tests bin/test.log -race -skip "$LARGE" "${shared[@]}"
step finished
