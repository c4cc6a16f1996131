#!/usr/bin/env bash
# Builds Privet, starts a server on a free port and finds personal data in the sample texts of docs/samples/.
#   scripts/quickstart.sh            the server stops at the end
#   scripts/quickstart.sh --serve    the server listens on port 8750 and keeps running until Ctrl-C
set -euo pipefail
cd "$(dirname "$0")/.."

serve=false
port=0
case ${1:-} in
  "") ;;
  --serve) serve=true port=8750 ;;
  *) echo "usage: scripts/quickstart.sh [--serve]" >&2; exit 2 ;;
esac

scripts/setup.sh --models
scripts/build.sh release privet privet-server privet_models

run=$(mktemp -d)
build/release/bin/privet-server --listen-port "$port" --listen-port-file "$run/port" --metrics-port 0 2>"$run/log" &
server=$!
# shellcheck disable=SC2317  # the trap calls it
cleanup() {
  kill -TERM "$server" 2>/dev/null || true
  wait "$server" 2>/dev/null || true
  rm -rf "$run"
}
trap cleanup EXIT
for _ in $(seq 100); do
  [[ -s $run/port ]] && break
  if ! kill -0 "$server" 2>/dev/null; then
    cat "$run/log" >&2
    echo "quickstart: the server did not start" >&2
    exit 1
  fi
  sleep 0.1
done
address=127.0.0.1:$(cat "$run/port")

build/release/bin/privet detect --server "$address" docs/samples/*.txt
echo
if $serve; then
  echo "quickstart: serving on $address until Ctrl-C; try: build/release/bin/privet info --server $address"
  wait "$server"
else
  echo "quickstart: done. Keep a server running with: scripts/quickstart.sh --serve   (or build/release/bin/privet-server)"
fi
