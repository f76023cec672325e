#!/usr/bin/env bash
# Runs the guides: every ```sh block of docs/guides, in order, each guide in an empty folder of its own,
# with the programs of this checkout in the path. A command that fails ends it. Blocks marked ```text are
# for other machines and are not run.
#
#   bash .ci/guides.sh BIN    with the programs in BIN, which are built already
set -euo pipefail
cd "$(dirname "$0")/.."

work=$(mktemp -d)
running=""
trap 'rm -rf "$work"' EXIT
trap '[ -z "$running" ] || kill "$running"; exit 143' INT TERM
bin=${1:-$work/bin}
if [ $# = 0 ]; then
  CGO_ENABLED=0 go build -tags nomsgpack -o "$bin/" ./cmd/kleroterion ./cmd/klero-verify
fi
export PATH="$bin:$PATH" HOME="$work"

# Services that a guide starts end with it, whatever happens.
head='set -euo pipefail; trap "kill \$(jobs -p) 2>/dev/null || true" EXIT'

for guide in docs/guides/*.md; do
  name=$(basename "$guide" .md)
  mkdir "$work/$name"
  { echo "$head"; sed -n '/^```sh$/,/^```$/{/^```/!p}' "$guide"; } > "$work/$name.sh"
  printf '== %s: %s lines\n' "$guide" "$(($(wc -l < "$work/$name.sh") - 1))"
  began=$SECONDS
  (cd "$work/$name" && exec timeout 300 bash "../$name.sh" > ../"$name.out" 2>&1) &
  running=$!
  if ! wait "$running"; then
    cat "$work/$name.out"
    echo "$guide does not do what it says (above)"
    exit 1
  fi
  printf '   %s s\n' "$((SECONDS - began))"
done
echo "all guides do what they say"
