# Throw-away keys, certificates and kubeconfigs of one node, valid for 30 days. Sourced by up.sh.
pki=$STATE/pki
install -d -m 700 "$pki" "$STATE/kubeconfig"

new_key() { openssl genpkey -quiet -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$pki/$1.key" 2>/dev/null ||
  openssl ecparam -name prime256v1 -genkey -noout -out "$pki/$1.key"; }

authority() {
  new_key "$1"
  openssl req -x509 -new -key "$pki/$1.key" -days 30 -subj "/CN=fairway-$1" -addext keyUsage=critical,keyCertSign,cRLSign -out "$pki/$1.crt"
}

# certificate NAME SUBJECT USAGE [ALT_NAMES] [AUTHORITY]
certificate() {
  new_key "$1"
  openssl req -new -key "$pki/$1.key" -subj "$2" |
    openssl x509 -req -CA "$pki/${5:-ca}.crt" -CAkey "$pki/${5:-ca}.key" -days 30 -set_serial "0x$(openssl rand -hex 8)" -out "$pki/$1.crt" \
      -extfile <(printf '%s\n' basicConstraints=CA:FALSE keyUsage=digitalSignature "extendedKeyUsage=$3" ${4:+"subjectAltName=$4"}) 2>/dev/null ||
    die "no certificate for $1"
}

# kubeconfig NAME SUBJECT: the subject's CN is the user, its O the group
kubeconfig() {
  certificate "$1" "$2" clientAuth
  (umask 077 && cat > "$STATE/kubeconfig/$1" <<YAML
apiVersion: v1
kind: Config
clusters:
- name: fairway
  cluster: {server: "https://$NODE_IP:6443", certificate-authority-data: $(base64 -w0 "$pki/ca.crt")}
users:
- name: $1
  user: {client-certificate-data: $(base64 -w0 "$pki/$1.crt"), client-key-data: $(base64 -w0 "$pki/$1.key")}
contexts:
- name: fairway
  context: {cluster: fairway, user: $1}
current-context: fairway
YAML
  )
}

authority ca
authority front
new_key serviceaccount
openssl pkey -in "$pki/serviceaccount.key" -pubout -out "$pki/serviceaccount.pub"
certificate apiserver /CN=kube-apiserver serverAuth \
  "DNS:kubernetes,DNS:kubernetes.default,DNS:kubernetes.default.svc,DNS:kubernetes.default.svc.cluster.local,DNS:localhost,IP:127.0.0.1,IP:$NODE_IP,IP:$SERVICE_FIRST"
certificate apiserver-to-kubelet /O=system:masters/CN=apiserver-to-kubelet clientAuth
certificate apiserver-to-extension /CN=front clientAuth "" front
certificate kubelet-server "/CN=$NODE" serverAuth "DNS:$NODE,IP:$NODE_IP"
kubeconfig admin /O=system:masters/CN=administrator
kubeconfig controller-manager /CN=system:kube-controller-manager
kubeconfig scheduler /CN=system:kube-scheduler
kubeconfig kubelet "/O=system:nodes/CN=system:node:$NODE"
kubeconfig proxy /CN=system:kube-proxy
