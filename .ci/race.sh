#!/usr/bin/env bash
# The tests of every package where something runs at the same time, under the race detector. Many of them
# wait for rounds, leases and kills: nothing else should run beside them.
#
#   bash .ci/race.sh compile    only compiles what they are made of
set -euo pipefail
cd "$(dirname "$0")/.."
. .ci/common.sh

mapfile -t shared < <(packages SHARED)

if [ "${1:-}" = compile ]; then
  step "compile with the race detector"
  mapfile -t libraries < <(go list -tags "$TAGS" -f '{{if ne .Name "main"}}{{.ImportPath}}{{end}}' "${shared[@]}" | grep .)
  go build "${RACE[@]}" "${libraries[@]}"
  exit
fi

mkdir -p bin
step "go test -race, ${#shared[@]} packages with concurrency (the whole output: bin/test.log)"
# The detector makes collecting dear, and there is memory enough to do it less often.
GOGC=400 tests bin/test.log "${RACE[@]}" -skip "$LARGE" "${shared[@]}"
step finished
