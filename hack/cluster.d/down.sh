# Ends the node and removes every trace of it. Safe to run twice, and after a half-failed start. Sourced by hack/cluster.
set +e
if node_is_up; then
  outer=$(cat "$STATE/init.pid")
  kill -KILL "$outer" # unshare; --kill-child takes the first process along, and the kernel all the others
  while kill -0 "$outer" 2>/dev/null; do sleep 0.1; done
fi
# The last process is gone when the pods' cgroups can be removed.
if [ -f "$STATE/init.pid" ]; then
  for group in /sys/fs/cgroup/kubepods /sys/fs/cgroup/*/kubepods /sys/fs/cgroup/*/k8s.io; do
    for _ in $(seq 50); do
      [ -d "$group" ] || break
      find "$group" -depth -type d -exec rmdir {} + 2>/dev/null || sleep 0.1
    done
    [ ! -d "$group" ] || say "a cgroup is left: $group"
  done
fi
for namespace in "$NODE" "$OUTSIDE"; do
  [ ! -e "/run/netns/$namespace" ] || ip netns delete "$namespace"
done
[ ! -f "$STATE/sysctl.before" ] || sysctl -q -p "$STATE/sysctl.before"
awk -v under="$STATE/" 'index($5, under) == 1 { print $5 }' /proc/self/mountinfo | sort -r | while read -r place; do umount -l "$place"; done
[ ! -d "$STATE" ] || rm -rf --one-file-system "$STATE"
rmdir /run/containerd /var/lib/kubelet /var/lib/cni /var/log/pods /var/log/containers 2>/dev/null
say "no node, nothing left of it; built programs stay in $CACHE"
exit 0
