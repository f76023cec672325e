#!/usr/bin/env bash
# Runs the guides: every ```sh block of docs/guides, in order, each guide in an empty folder of its own,
# with the programs of this checkout in the path. A command that fails ends it. Blocks marked ```text are
# for other machines and are not run.
set -euo pipefail
cd "$(dirname "$0")/.."

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/bin"
go build -tags nomsgpack -o "$work/bin/" ./cmd/kleroterion ./cmd/klero-verify
export PATH="$work/bin:$PATH" HOME="$work"

# Services that a guide starts end with it, whatever happens.
head='set -euo pipefail; trap "kill \$(jobs -p) 2>/dev/null || true" EXIT'

for guide in docs/guides/*.md; do
  name=$(basename "$guide" .md)
  mkdir "$work/$name"
  { echo "$head"; sed -n '/^```sh$/,/^```$/{/^```/!p}' "$guide"; } > "$work/$name.sh"
  printf '== %s: %s lines\n' "$guide" "$(($(wc -l < "$work/$name.sh") - 1))"
  if ! (cd "$work/$name" && timeout 300 bash "../$name.sh" > ../"$name.out" 2>&1); then
    cat "$work/$name.out"
    echo "$guide does not do what it says (above)"
    exit 1
  fi
done
echo "all guides do what they say"
