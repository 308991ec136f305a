#!/usr/bin/env bash
# First process of the node's own process, mount and host name namespaces; when it ends, the kernel ends all the others.
# Started by up.sh only. Argument: the folder of settings.sh.
. "$1/settings.sh"
hostname "$NODE"

# Places that programs insist on become mounts only this node sees, so that nothing of it stays on the machine.
mount --make-rprivate / && mount --make-rshared /
mkdir -p /run/containerd /run/netns /var/lib/kubelet /var/lib/cni /var/log/pods /var/log/containers
mount -t tmpfs -o mode=0711 tmpfs /run/containerd
mount -t tmpfs -o mode=0755 tmpfs /run/netns
for pair in kubelet:/var/lib/kubelet cni-data:/var/lib/cni pod-logs:/var/log/pods container-logs:/var/log/containers; do
  mkdir -p "$STATE/${pair%%:*}"
  mount --bind "$STATE/${pair%%:*}" "${pair#*:}"
done

# keep PART COMMAND...: run it, and again whenever it ends, unless hold/PART says it should stay down.
keep() {
  local part=$1; shift
  while true; do
    while [ -e "$STATE/hold/$part" ]; do sleep 0.3; done
    "$@" >> "$STATE/log/$part.log" 2>&1 &
    echo $! > "$STATE/pid/$part"
    wait $!
    say "$part ended with status $?"
    sleep 1
  done
}

config=$STATE/kubeconfig
pki=$STATE/pki
keep etcd etcd --name fairway --data-dir "$STATE/etcd" --unsafe-no-fsync --log-level warn \
  --listen-client-urls http://127.0.0.1:2379 --advertise-client-urls http://127.0.0.1:2379 --listen-peer-urls http://127.0.0.1:2380 &
keep containerd containerd --config "$STATE/containerd.toml" &
keep kube-apiserver kube-apiserver --etcd-servers http://127.0.0.1:2379 --advertise-address "$NODE_IP" --secure-port 6443 \
  --tls-cert-file "$pki/apiserver.crt" --tls-private-key-file "$pki/apiserver.key" --client-ca-file "$pki/ca.crt" \
  --authorization-mode Node,RBAC --enable-admission-plugins NodeRestriction \
  --service-cluster-ip-range "$SERVICE_CIDR" --service-account-issuer https://kubernetes.default.svc.cluster.local \
  --service-account-key-file "$pki/serviceaccount.pub" --service-account-signing-key-file "$pki/serviceaccount.key" \
  --kubelet-certificate-authority "$pki/ca.crt" --kubelet-preferred-address-types InternalIP \
  --kubelet-client-certificate "$pki/apiserver-to-kubelet.crt" --kubelet-client-key "$pki/apiserver-to-kubelet.key" \
  --requestheader-client-ca-file "$pki/front.crt" --requestheader-allowed-names front \
  --requestheader-username-headers X-Remote-User --requestheader-group-headers X-Remote-Group \
  --requestheader-extra-headers-prefix X-Remote-Extra- \
  --proxy-client-cert-file "$pki/apiserver-to-extension.crt" --proxy-client-key-file "$pki/apiserver-to-extension.key" &
keep kube-controller-manager kube-controller-manager --kubeconfig "$config/controller-manager" \
  --authentication-kubeconfig "$config/controller-manager" --authorization-kubeconfig "$config/controller-manager" \
  --bind-address 127.0.0.1 --leader-elect=false --use-service-account-credentials \
  --service-account-private-key-file "$pki/serviceaccount.key" --root-ca-file "$pki/ca.crt" \
  --cluster-signing-cert-file "$pki/ca.crt" --cluster-signing-key-file "$pki/ca.key" \
  --service-cluster-ip-range "$SERVICE_CIDR" --flex-volume-plugin-dir "$STATE/volume-plugins" &
keep kube-scheduler kube-scheduler --kubeconfig "$config/scheduler" --bind-address 127.0.0.1 --leader-elect=false \
  --authentication-kubeconfig "$config/scheduler" --authorization-kubeconfig "$config/scheduler" &
keep kubelet kubelet --config "$STATE/kubelet.yaml" --kubeconfig "$config/kubelet" --hostname-override "$NODE" --node-ip "$NODE_IP" &
keep kube-proxy kube-proxy --config "$STATE/proxy.yaml" --hostname-override "$NODE" &
keep load-balancer "$1/load-balancer.sh" "$1" &
while true; do wait; sleep 1; done
