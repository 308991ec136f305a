#!/usr/bin/env bash
# What a cloud's controller does: gives each Service of type LoadBalancer an address. kube-proxy then serves it. Kept by init.sh.
. "$1/settings.sh"
export KUBECONFIG=$KUBECONFIG_ADMIN
set -o pipefail
until kubectl get --raw /readyz >/dev/null 2>&1; do sleep 0.5; done
kubectl get services --all-namespaces --watch \
  -o 'jsonpath={.metadata.namespace} {.metadata.name} {.spec.type} {.status.loadBalancer.ingress[0].ip}{"\n"}' |
  while read -r namespace name type address; do
    [ "$type" = LoadBalancer ] && [ -z "$address" ] || continue
    taken=" $(kubectl get services --all-namespaces -o 'jsonpath={.items[*].status.loadBalancer.ingress[*].ip}') "
    for last in $(seq 10 250); do
      address=$LB_PREFIX.$last
      [[ $taken == *" $address "* ]] || break
    done
    kubectl -n "$namespace" patch service "$name" --subresource=status --type=merge \
      -p "{\"status\":{\"loadBalancer\":{\"ingress\":[{\"ip\":\"$address\",\"ipMode\":\"VIP\"}]}}}"
  done
