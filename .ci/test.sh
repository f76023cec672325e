#!/usr/bin/env bash
# Everything that must hold before a change lands: form, vet, staticcheck, and all tests, under the race
# detector where there is something to race. Stops at the first step that fails. CI=true turns a skipped test into a failure.
set -euo pipefail
cd "$(dirname "$0")/.."
. .ci/common.sh

bash .ci/prepare.sh
bash .ci/checks.sh
bash .ci/race.sh
