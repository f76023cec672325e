#!/usr/bin/env bash
# The same bytes on arm64. First the machine code of the packages with floating point is read: no product
# may be fused with a sum, which that processor does without rounding between them. Then the tests that pin
# digests and vectors run under qemu. CI=true turns a missing qemu into a failure.
set -euo pipefail
cd "$(dirname "$0")/.."
export CGO_ENABLED=0 GOARCH=arm64 GOOS=linux

FUSED='\bFN?M(ADD|SUB)[DS]\b'
PACKAGES=./randomness/sortition/...
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

echo "== arm64: no fused multiply-add in $PACKAGES"
go build -gcflags=-S $PACKAGES 2> "$work/listing"
fused=$(grep -cE "$FUSED" "$work/listing" || true)
products=$(grep -cE '\bFMULD\b' "$work/listing" || true)
if [ "$fused" != 0 ]; then
  grep -E "$FUSED" "$work/listing" | grep -oE '\([^)]*\.go:[0-9]+\)' | sort -u
  echo "arm64: $fused fused products in the lines above: put float64(…) round the product"
  exit 1
fi
[ "$products" != 0 ] || { echo "arm64: no product at all in the listing: it was not read"; exit 1; }

# What it looks for must be what the compiler writes.
printf 'package fused\n\nfunc F(a, b, c float64) float64 { return a*b + c }\n' > "$work/fused.go"
go build -gcflags=-S -o /dev/null "$work/fused.go" 2> "$work/control"
grep -qE "$FUSED" "$work/control" || { echo "arm64: the compiler writes fused products in another way: mend FUSED"; exit 1; }
echo "$products products, none fused"

if ! command -v qemu-aarch64 >/dev/null; then
  root=""
  [ "$(id -u)" = 0 ] || root="sudo -n"
  install="env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends qemu-user"
  # shellcheck disable=SC2086
  { $root $install || { $root apt-get update -qq && $root $install; }; } >/dev/null 2>&1 || true
fi
if ! qemu=$(command -v qemu-aarch64); then
  echo "arm64: qemu-aarch64 is missing and could not be installed (Debian: apt-get install qemu-user)"
  [ "${CI:-}" = true ] && exit 1
  echo "arm64: the tests were not run"
  exit 0
fi

run() { # PACKAGE TESTS: compiles, runs where the test data is, wants at least one test
  echo "== arm64: $1, $2"
  go test -c -o "$work/test" "./randomness/sortition/$1"
  (cd "randomness/sortition/$1" && "$qemu" "$work/test" -test.run "$2" -test.v) > "$work/out" || { cat "$work/out"; exit 1; }
  grep -E '^--- PASS' "$work/out" || { echo "arm64: no test of $1 is named $2"; exit 1; }
}
run panels '^TestTheSameBytesOnEveryMachine$'
run panelfile '^TestVectors$'
run alternates '^TestVectors$'
