# Everything the node is made of: Debian packages, Go programs, two images. What is there in the right version is left alone.
export CGO_ENABLED=0

needs_go() {
  command -v go >/dev/null || die "Go is missing, and Kubernetes is built from source: install Go 1.25 or newer (https://go.dev/dl). $instead"
  local minor; minor=$(go env GOVERSION | sed -n 's/^go1\.\([0-9]*\).*/\1/p')
  [ "${minor:-99}" -ge 21 ] || die "$(go env GOVERSION) is too old to build Kubernetes: install Go 1.25 or newer (https://go.dev/dl). $instead"
}

# is_built PROGRAM VERSION ARG...: the program is there and names this version when asked.
is_built() {
  local program=$1 version=$2 answer; shift 2
  [ -x "$BIN/$program" ] && answer=$("$BIN/$program" "$@" 2>/dev/null) && [[ $answer == *"${version#v}"* ]]
}

# module NAME LINE...: a throw-away module that only names what to build.
module() {
  local folder=$CACHE/build/$1; shift
  mkdir -p "$folder"
  printf '%s\n' "module fairway.dev/build" "go $GO_LANGUAGE" "$@" > "$folder/go.mod"
  rm -f "$folder/go.sum"
  echo "$folder"
}

# compile FOLDER PROGRAM PACKAGE [LDFLAGS]: with a line of progress, and the log's end if it fails.
compile() {
  local log=$CACHE/build/$2.log start=$SECONDS
  say "building $2 ..."
  (cd "$1" && nice -n 10 go build -mod=mod -trimpath -buildvcs=false -ldflags "-s -w ${4:-}" -o "$BIN/$2.new" "$3") > "$log" 2>&1 ||
    { tail -n 20 "$log" >&2; die "$2 was not built; the whole log is $log"; }
  mv "$BIN/$2.new" "$BIN/$2"
  say "built $2 in $((SECONDS - start)) s"
}

fetch() { # FOLDER MODULE@VERSION: require it
  local log=$CACHE/build/get.log
  (cd "$1" && go get "$2") > "$log" 2>&1 || { tail -n 20 "$log" >&2; die "$2 was not fetched"; }
}

# Release v1.N.P of Kubernetes keeps its libraries beside it and names them v0.0.0; they are published as v0.N.P.
kubernetes_replacements() {
  local twin=v0.${KUBERNETES_VERSION#v1.} file
  file=$(cd / && go mod download -json "k8s.io/kubernetes@$KUBERNETES_VERSION" | sed -n 's/^[[:space:]]*"GoMod": "\(.*\)".*/\1/p')
  [ -f "$file" ] || die "k8s.io/kubernetes $KUBERNETES_VERSION was not fetched"
  sed -n "s|^[[:space:]]*\(k8s.io/[a-z-]*\) v0\.0\.0\( .*\)\?$|replace \1 => \1 $twin|p" "$file"
}

build_kubernetes() {
  local missing=() program version folder flags="" package
  for program in "$@"; do
    version=--version
    [ "$program" != kubectl ] || version="version --client"
    # shellcheck disable=SC2086
    is_built "$program" "$KUBERNETES_VERSION" $version || missing+=("$program")
  done
  [ ${#missing[@]} -gt 0 ] || return 0
  needs_go
  folder=$(module kubernetes "godebug default=go${GO_LANGUAGE%.*}" "require k8s.io/kubernetes $KUBERNETES_VERSION" "$(kubernetes_replacements)")
  version=${KUBERNETES_VERSION#v1.}
  for package in k8s.io/component-base/version k8s.io/client-go/pkg/version; do
    flags+=" -X $package.gitVersion=$KUBERNETES_VERSION -X $package.gitMajor=1 -X $package.gitMinor=${version%%.*} -X $package.gitTreeState=clean"
  done
  for program in "${missing[@]}"; do compile "$folder" "$program" "k8s.io/kubernetes/cmd/$program" "$flags"; done
}

build_etcd() {
  ! is_built etcd "$ETCD_VERSION" --version || return 0
  needs_go
  local folder; folder=$(module etcd)
  fetch "$folder" "go.etcd.io/etcd/server/v3@$ETCD_VERSION"
  compile "$folder" etcd go.etcd.io/etcd/server/v3
}

build_helm() {
  ! is_built helm "$HELM_VERSION" version --short || return 0
  needs_go
  local folder major=${HELM_VERSION%%.*}; folder=$(module helm)
  fetch "$folder" "helm.sh/helm/$major@$HELM_VERSION"
  compile "$folder" helm "helm.sh/helm/$major/cmd/helm" "-X helm.sh/helm/$major/internal/version.version=$HELM_VERSION -X helm.sh/helm/$major/pkg/chartutil.k8sVersionMajor=1 -X helm.sh/helm/$major/pkg/chartutil.k8sVersionMinor=35"
}

# Only the plugins dns/main.go names, over the client library the servers were built with: a third of the full build.
build_dns() {
  if ! is_built coredns "$COREDNS_VERSION" -version; then
    needs_go
    local folder; folder=$(module dns "$(kubernetes_replacements)")
    cp "$parts/dns/main.go" "$folder"
    fetch "$folder" "github.com/coredns/coredns@$COREDNS_VERSION"
    compile "$folder" coredns .
  fi
  image dns coredns
}

build_pause() {
  if [ ! -x "$BIN/tool-pause" ] || [ "$parts/pause/main.go" -nt "$BIN/tool-pause" ]; then
    needs_go
    local folder; folder=$(module pause)
    cp "$parts/pause/main.go" "$folder"
    compile "$folder" tool-pause .
  fi
  image pause tool-pause
}

# image NAME PROGRAM: fairway.dev/NAME:1 with that program and nothing else.
image() {
  local archive=$IMAGES/fairway-$1.tar root
  [ "$BIN/$2" -nt "$archive" ] || return 0
  root=$(mktemp -d); mkdir -p "$IMAGES"
  cp "$BIN/$2" "$root/$1"
  "$("$here/jdk")/bin/java" "$here/OciImage.java" --name "fairway.dev/$1:1" --out "$archive" --layer "$root" --user 65532:65532 -- "/$1" >&2
  rm -rf "$root"
}

install_packages() {
  local wanted=() pair
  for pair in containerd:containerd runc:runc nft:nftables iptables:iptables conntrack:conntrack ip:iproute2 nsenter:util-linux openssl:openssl ps:procps; do
    command -v "${pair%%:*}" >/dev/null || wanted+=("${pair#*:}")
  done
  [ -x "$CNI/bridge" ] || wanted+=(containernetworking-plugins)
  [ ${#wanted[@]} -gt 0 ] || return 0
  command -v apt-get >/dev/null || die "these are missing and there is no apt-get to install them: ${wanted[*]}. $instead"
  say "installing ${wanted[*]} ..."
  local log=$CACHE/build/apt.log install="apt-get install -y -qq --no-install-recommends ${wanted[*]}"
  export DEBIAN_FRONTEND=noninteractive
  { $install || { apt-get update -qq && $install; }; } > "$log" 2>&1 || { tail -n 20 "$log" >&2; die "not installed: ${wanted[*]}"; }
}

# What tests against a bare API server need.
build_api() { mkdir -p "$BIN" "$CACHE/build"; build_etcd; build_kubernetes kube-apiserver kubectl; }

build_all() {
  mkdir -p "$BIN" "$CACHE/build"
  install_packages
  build_api
  build_kubernetes kube-controller-manager kube-scheduler kubelet kube-proxy
  build_helm
  build_dns
  build_pause
}
