# Names, addresses, versions and the few functions every command needs. Sourced by hack/cluster.
CACHE=${FAIRWAY_CACHE:-$HOME/.cache/fairway-cluster}
BIN=$CACHE/bin
IMAGES=$CACHE/images
STATE=$CACHE/node # one running node; `down` removes it
SOCKET=$STATE/run/containerd.sock
KUBECONFIG_ADMIN=$STATE/kubeconfig/admin

KUBERNETES_VERSION=v1.35.4
ETCD_VERSION=v3.6.6
HELM_VERSION=v3.22.0
COREDNS_VERSION=v1.14.7
GO_LANGUAGE=1.25.0

NODE=fairway            # network namespace of the node, and the node's name
OUTSIDE=fairway-outside # network namespace of a client that is not part of the cluster
NODE_IP=10.250.0.1
OUTSIDE_IP=10.250.0.2
POD_CIDR=10.244.0.0/16
POD_GATEWAY=10.244.0.1
SERVICE_CIDR=10.96.0.0/16
SERVICE_FIRST=10.96.0.1
DNS_IP=10.96.0.10
LB_PREFIX=10.251.0 # load balancer addresses: $LB_PREFIX.10 and up
CNI=/usr/lib/cni   # where Debian puts the plugins

export PATH=$BIN:$PATH
instead="Use any other cluster instead: hack/run --kubeconfig FILE."
say() { printf '%s %s\n' "$(date +%T)" "$*" >&2; }
die() { say "hack/cluster: $*"; exit 1; }

needs_machine() {
  [ "$(uname -s)" = Linux ] || die "a node needs Linux, this is $(uname -s). $instead"
  [ "$(id -u)" = 0 ] || die "a node needs root (network namespaces, containers). $instead"
}

# Outer process id of the first process in the node's process namespace: the only child of `unshare`.
first_process() { ps -o pid= --ppid "$(cat "$STATE/init.pid")" | tr -d ' '; }
node_is_up() { [ -f "$STATE/init.pid" ] && kill -0 "$(cat "$STATE/init.pid")" 2>/dev/null; }
needs_node() { node_is_up || die "no node is running; start one: hack/cluster up"; }

# nsenter and not `ip netns exec`, which would hide the cgroup file system.
in_net() {
  local namespace=$1; shift
  KUBECONFIG=$KUBECONFIG_ADMIN nsenter --net="/run/netns/$namespace" -- "$@"
}
kube() { in_net "$NODE" kubectl "$@"; }
