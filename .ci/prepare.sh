#!/usr/bin/env bash
# Looks for what the tests need besides Go, installs what is missing where it can (root or sudo, with
# apt), and says exactly what it could not. Without CI=true it then goes on: the tests that need the
# missing thing are skipped and name it. With CI=true something missing is a failure.
set -uo pipefail
cd "$(dirname "$0")/.." || exit

missing=()
say() { printf 'prepare: %s\n' "$*"; }

# How to become root for apt: nothing when we are, sudo when it asks no password.
as_root=""
if [ "$(id -u)" != 0 ]; then
  as_root="sudo -n"
  sudo -n true 2>/dev/null || as_root="no"
fi

updated=no
apt_install() {
  command -v apt-get >/dev/null || { say "no apt-get here to install $*"; return 1; }
  [ "$as_root" != no ] || { say "not root and no sudo, so $* cannot be installed"; return 1; }
  if [ "$updated" = no ]; then
    $as_root apt-get -o Acquire::Retries=3 update -qq || { say "apt-get update failed"; return 1; }
    updated=yes
  fi
  say "installing $*"
  $as_root env DEBIAN_FRONTEND=noninteractive apt-get -o Acquire::Retries=3 install -y -qq --no-install-recommends "$@" \
    >/dev/null || { say "apt-get install $* failed"; return 1; }
}

# need WHAT TEST PACKAGE...: WHAT is there when TEST succeeds, else PACKAGES are installed.
need() {
  local what=$1 test=$2
  shift 2
  if ! "$test" >/dev/null && ! { apt_install "$@" && "$test" >/dev/null; }; then
    missing+=("$what (Debian: apt-get install $*)")
    return
  fi
  say "$what: $("$test")"
}

# Each test prints what it found.
find_compiler() { command -v gcc || command -v clang; }
find_postgres() { ls -d /usr/lib/postgresql/*/bin/initdb 2>/dev/null || command -v initdb || { [ -n "${KLERO_TEST_POSTGRES:-}" ] && echo "the server in KLERO_TEST_POSTGRES"; }; }
find_chromium() { command -v chromium || command -v chromium-browser || command -v google-chrome || command -v google-chrome-stable; }
find_jq() { command -v jq; }
find_node() { command -v npm >/dev/null && node -e 'const v=process.versions.node; if (parseInt(v)<20) process.exit(1); console.log("node "+v)' 2>/dev/null; }

if ! command -v go >/dev/null; then
  say "Go is missing: install Go $(sed -n 's/^go //p' go.mod) or later from https://go.dev/dl/"
  exit 1
fi
say "$(go version)"

need "a C compiler, for the race detector" find_compiler gcc libc6-dev
need "PostgreSQL, for the store's tests on it" find_postgres postgresql
need "Node 20 with npm, for drand's client, tlock-js and the ballot page's script" find_node nodejs npm
need "jq, for the commands of the guides" find_jq jq
need "Chromium, for the pages' tests" find_chromium chromium

[ ${#missing[@]} -eq 0 ] && exit 0
say "MISSING on this machine:"
printf 'prepare:   - %s\n' "${missing[@]}"
if [ "${CI:-}" = true ]; then
  say "CI=true: every test must run, so this is a failure."
  exit 1
fi
say "going on: the tests that need it are skipped, and are listed at the end."
