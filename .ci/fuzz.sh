#!/usr/bin/env bash
# Runs every fuzz target of the module for FUZZTIME (10 s). `go test` alone runs their seeds only.
set -euo pipefail
cd "$(dirname "$0")/.."

count=0
for file in $(git ls-files '*_test.go'); do
  for target in $(sed -n 's/^func \(Fuzz[A-Za-z0-9_]*\)(f \*testing\.F).*/\1/p' "$file"); do
    echo "== $(dirname "$file") $target"
    go test -tags nomsgpack -run '^$' -fuzz "^$target\$" -fuzztime "${FUZZTIME:-10s}" -fuzzminimizetime 1x "./$(dirname "$file")"
    count=$((count + 1))
  done
done
echo "$count fuzz targets"
[ "$count" -gt 0 ]
