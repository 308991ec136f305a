# Starts the node and returns when pods can run and names resolve. Sourced by hack/cluster.
if node_is_up; then
  say "a node is running already"
  return 0
fi
[ ! -e "$STATE" ] || die "a node ended without being cleared away; run hack/cluster down first"
if compgen -G '/sys/fs/cgroup/*/kubepods' >/dev/null || [ -d /sys/fs/cgroup/kubepods ]; then
  die "another kubelet is running pods on this machine. $instead"
fi
start=$SECONDS
mkdir -p "$STATE"/{run,log,pid,hold}
trap 'say "the node did not come up; logs are in $STATE/log, hack/cluster down clears it away"' EXIT

# The kubelet sets these for the whole machine; down.sh puts them back.
sysctl vm.overcommit_memory vm.panic_on_oom kernel.panic kernel.panic_on_oops | tr -d ' ' > "$STATE/sysctl.before"
modprobe -qa overlay br_netfilter 2>/dev/null || true # most kernels have them built in or loaded
. "$parts/certificates.sh"
. "$parts/files.sh"

# Two networks joined by one cable, none of them joined to the machine's own.
ip netns add "$NODE"
ip netns add "$OUTSIDE"
ip -n "$NODE" link add node0 type veth peer name client0 netns "$OUTSIDE"
ip -n "$NODE" addr add "$NODE_IP/24" dev node0
ip -n "$OUTSIDE" addr add "$OUTSIDE_IP/24" dev client0
for link in "$NODE lo" "$NODE node0" "$OUTSIDE lo" "$OUTSIDE client0"; do ip -n ${link% *} link set "${link#* }" up; done
ip -n "$NODE" route add default via "$OUTSIDE_IP" # leads nowhere, but Service addresses need a route to be rewritten on
ip -n "$OUTSIDE" route add default via "$NODE_IP"
# The pods' bridge, with a fixed hardware address: left to the plugin, it changes whenever the last pod goes.
ip -n "$NODE" link add cni0 address 0a:58:0a:f4:00:01 type bridge
ip -n "$NODE" addr add "$POD_GATEWAY/${POD_CIDR#*/}" dev cni0
ip -n "$NODE" link set cni0 up
in_net "$NODE" sysctl -qw net.ipv4.ip_forward=1 net.bridge.bridge-nf-call-iptables=1

setsid nsenter --net="/run/netns/$NODE" -- unshare --pid --mount --uts --fork --kill-child --mount-proc \
  "$parts/init.sh" "$parts" > "$STATE/log/init.log" 2>&1 < /dev/null &
echo $! > "$STATE/init.pid"

# await SECONDS WHAT COMMAND...
await() {
  local end=$((SECONDS + $1)) what=$2; shift 2
  until "$@" >/dev/null 2>&1; do
    [ $SECONDS -lt $end ] || { tail -qn 3 "$STATE"/log/*.log >&2; die "$what did not come in time"; }
    sleep 0.2
  done
}
load() { ctr --address "$SOCKET" --namespace k8s.io images import "$IMAGES/fairway-$1.tar" >/dev/null; }
await 30 containerd ctr --address "$SOCKET" version
load pause
load dns
await 60 "the API server" kube get --raw /readyz
say "API server ready after $((SECONDS - start)) s"
await 60 "the node" kube get node "$NODE"
sed "s/DNS_IP/$DNS_IP/" "$parts/dns.yaml" | kube apply -f - >/dev/null
kube wait --for=condition=Ready "node/$NODE" --timeout=90s >/dev/null
await 30 "the default service account" kube -n default get serviceaccount default
kube -n kube-system rollout status deployment/dns --timeout=90s >/dev/null
trap - EXIT
say "node ready after $((SECONDS - start)) s; try: hack/cluster kubectl get pods -A"
