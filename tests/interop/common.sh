# What the parts share. `run` starts it once for each part, in a process of its
# own, with the part's name; it then reads the part's `part.sh`, which may use:
#   $part        the part's folder, for its own files
#   $work        a folder below the build folder, for what is installed or written
#   $twinkit     the program, built
#   python_packages FILE    installs them; then $python runs with them
#   npm_packages FILE       installs those of a package.json into $work
#   start_emulator [ARG...] starts `twinkit emulate --json`; then $listening names
#                           the file with its first line. It ends with the part.
#   node_authority          has Node trust the emulator
#   $INTEROP_STEPS          the file in which the part's program notes its steps;
#                           steps.py and steps.mjs do that
# What is left in $work for the table of `cargo xtask interop`:
#   steps.jsonl     the steps and how they ended
#   requests.json   what the emulator was asked, secrets taken out
#   exit-code       of the part
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
root="$(cd "$here/../.." && pwd)"
build="${CARGO_TARGET_DIR:-$root/target}"
part="$here/$1"
work="$build/interop/$1"
twinkit="$build/debug/twinkit"
mkdir -p "$work"
rm -f "$work/steps.jsonl" "$work/requests.json" "$work/exit-code"
export INTEROP_STEPS="$work/steps.jsonl"
# For steps.py; nothing is written beside it.
export PYTHONPATH="$here" PYTHONDONTWRITEBYTECODE=1

python_packages() {
    local requirements="${REQUIREMENTS:-$1}"
    python="$work/venv/bin/python"
    if ! cmp -s "$requirements" "$work/venv/installed.txt"; then
        rm -rf "$work/venv"
        python3 -m venv "$work/venv"
        "$python" -m pip install --quiet --disable-pip-version-check -r "$requirements"
        cp "$requirements" "$work/venv/installed.txt"
    fi
}

npm_packages() {
    if ! cmp -s "$1" "$work/installed.json"; then
        rm -rf "$work/node_modules"
        cp "$1" "$work/package.json"
        npm install --prefix "$work" --silent --no-audit --no-fund --no-package-lock
        cp "$1" "$work/installed.json"
    fi
}

emulator=
control=
# Calls the emulator's control endpoint.
control() {
    curl --silent --show-error --fail --max-time 60 --cacert "$authority" "$@"
}

finish() {
    local code=$?
    if [ -n "$control" ]; then
        control --output "$work/requests.json" "$control/requests" ||
            echo "what the emulator was asked is not known" >&2
    fi
    if [ -n "$emulator" ]; then
        kill "$emulator" 2>/dev/null || true
        wait "$emulator" 2>/dev/null || true
    fi
    echo "$code" >"$work/exit-code"
}
trap finish EXIT

# A text of the emulator's first line, by its name.
told() {
    sed -n "s|.*\"$1\":\"\([^\"]*\)\".*|\1|p" "$listening"
}

start_emulator() {
    listening="$work/listening.json"
    : >"$listening"
    "$twinkit" emulate --json "$@" >"$listening" &
    emulator=$!
    for _ in $(seq 100); do
        if [ -s "$listening" ]; then
            authority="$(told SSL_CERT_FILE)"
            control="$(told control)"
            # More than any part asks; the emulator keeps a thousand by itself.
            control --data '{"keep":1000000}' "$control/requests"
            return
        fi
        kill -0 "$emulator" || return 1
        sleep 0.1
    done
    echo "the emulator does not start" >&2
    return 1
}

node_authority() {
    # Node reads this variable before it runs anything.
    NODE_EXTRA_CA_CERTS="$authority"
    export NODE_EXTRA_CA_CERTS
}

(cd "$root" && cargo build --quiet --package twinkit-cli)
# shellcheck source=/dev/null
source "$part/part.sh"
