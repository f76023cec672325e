#!/usr/bin/env bash
# Builds the container image with docker, podman or buildah, whichever is there, and tries it: it must
# start as nobody on a read-only root, become healthy, answer, and stop by itself when told to. The try
# asks no public relay.
#
#   IMAGE=kleroterion:dev      name of the image
#   ENGINE=buildah             instead of the first of the three that works
#   NO_PULL=1                  buildah: only images that are here already
#   GO_IMAGE=…                 another base for the build stage (with golang:1.26's /usr/local/go)
set -euo pipefail
cd "$(dirname "$0")/.."

IMAGE=${IMAGE:-kleroterion:dev}
PORT=${PORT:-18080}
VERSION=$(git describe --tags --always --dirty 2>/dev/null || echo dev)
REVISION=$(git rev-parse HEAD 2>/dev/null || echo unknown)
args=(--build-arg "VERSION=$VERSION" --build-arg "REVISION=$REVISION")
[ -z "${NO_PULL:-}" ] || args+=(--pull-never)
[ -z "${GO_IMAGE:-}" ] || args+=(--build-arg "GO_IMAGE=$GO_IMAGE")

engine=${ENGINE:-}
for e in docker podman buildah; do
  [ -z "$engine" ] || break
  if [ "$e" = buildah ] && command -v buildah >/dev/null || "$e" info >/dev/null 2>&1; then engine=$e; fi
done
if [ -z "$engine" ]; then
  echo "image: no docker, podman or buildah works here: nothing was built" >&2
  echo "image: on Debian: apt-get install buildah" >&2
  exit 1
fi

echo "== build with $engine"
case $engine in
  # Without an engine there is no nesting of namespaces; HEALTHCHECK exists in docker's format only.
  buildah) buildah bud --isolation chroot --format docker "${args[@]}" -t "$IMAGE" . ;;
  podman) podman build --format docker "${args[@]}" -t "$IMAGE" . ;;
  docker) docker build "${args[@]}" -t "$IMAGE" . ;;
esac

relay=http://127.0.0.1:9=nobody # the discard port: refused at once

wait_healthy() { # COMMAND... prints ready
  for _ in $(seq 60); do
    ("$@") 2>/dev/null && return
    sleep 0.5
  done
  echo "image: not healthy after 30 s" >&2
  [ -z "${log:-}" ] || cat "$log" >&2
  return 1
}

echo "== try"
if [ "$engine" != buildah ]; then
  name=klero-try-$$
  trap '"$engine" rm -f -v "$name" >/dev/null 2>&1 || true' EXIT
  "$engine" run -d --name "$name" --read-only --tmpfs /tmp --cap-drop ALL --security-opt no-new-privileges \
    -e "KLERO_RELAY=$relay" -v /data -p "127.0.0.1:$PORT:8080" "$IMAGE" >/dev/null
  wait_healthy "$engine" exec "$name" /kleroterion healthcheck
  curl -fsS "http://127.0.0.1:$PORT/version"; echo
  "$engine" logs "$name"
  "$engine" stop -t 30 "$name" >/dev/null
  code=$("$engine" inspect -f '{{.State.ExitCode}}' "$name")
else
  # buildah cannot run an image of nothing, so its root is entered directly, as the image's user.
  container=$(buildah from --pull-never "$IMAGE")
  root=$(buildah mount "$container")
  trap 'buildah umount "$container" >/dev/null; buildah rm "$container" >/dev/null' EXIT
  log=$(mktemp)
  # Only what the image sets: chroot gets this environment and passes it on.
  inside() { exec env -i "KLERO_RELAY=$relay" "KLERO_DATA=/data" "KLERO_LISTEN=127.0.0.1:$PORT" "KLERO_HEALTH_URL=http://127.0.0.1:$PORT" \
    "$(command -v chroot)" --userspec=65532:65532 "$root" "$@"; }
  inside /kleroterion serve > "$log" 2>&1 &
  pid=$!
  wait_healthy inside /kleroterion healthcheck
  curl -fsS "http://127.0.0.1:$PORT/version"; echo
  cat "$log"
  grep '^Uid:' "/proc/$pid/status"
  kill -TERM "$pid"
  code=0; wait "$pid" || code=$?
fi
echo "stopped with exit code $code"
[ "$code" = 0 ]
