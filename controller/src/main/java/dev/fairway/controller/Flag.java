package dev.fairway.controller;

import java.util.Arrays;
import java.util.Comparator;
import java.util.Locale;
import java.util.Optional;

/** Every flag there is. Those that ingress-nginx has mean here what they mean there. */
enum Flag {
    INGRESS_CLASS("fairway", "NAME", "our class name, for the legacy annotation"),
    CONTROLLER_CLASS(
            "fairway.dev/ingress-controller",
            "NAME",
            "the spec.controller of classes that are ours; k8s.io/ingress-nginx selects compatibility"),
    WATCH_INGRESS_WITHOUT_CLASS("false", "", "serve Ingresses that name no class"),
    INGRESS_CLASS_BY_NAME(
            "false", "", "serve the class named --ingress-class whatever its controller"),
    WATCH_NAMESPACE("", "NAME[,NAME]", "only these namespaces; empty: all"),
    WATCH_NAMESPACE_SELECTOR("", "SELECTOR", "only namespaces with these labels"),
    CONFIGMAP("", "NAMESPACE/NAME", "ConfigMap with ingress-nginx's keys"),
    DEFAULT_BACKEND_SERVICE(
            "", "NAMESPACE/NAME[:PORT]", "Service that answers what nothing else does"),
    DEFAULT_SSL_CERTIFICATE("", "NAMESPACE/NAME", "TLS Secret for hosts without one"),
    ANNOTATIONS_PREFIX("nginx.ingress.kubernetes.io", "PREFIX", "prefix of the annotations"),
    DISABLE_CATCH_ALL("false", "", "refuse Ingresses without a host"),
    HTTP_PORT("80", "PORT", "public port of the default http listener"),
    HTTPS_PORT("443", "PORT", "public port of the default https listener"),
    PUBLISH_SERVICE("", "NAMESPACE/NAME", "Service whose addresses go into Ingress status"),
    PUBLISH_STATUS_ADDRESS("", "ADDRESS[,ADDRESS]", "addresses that go into Ingress status"),
    STATUS_POD_SELECTOR(
            "",
            "SELECTOR",
            "data-plane pods, in the data plane's namespace, whose node addresses go into status"),
    REPORT_NODE_INTERNAL_IP_ADDRESS("false", "", "internal instead of external node addresses"),
    UPDATE_STATUS("true", "", "write Ingress status"),
    UPDATE_STATUS_ON_SHUTDOWN(
            "false",
            "",
            "clear Ingress status at the end; off, because external-dns then deletes the records"),
    ELECTION_ID("fairway-leader", "NAME", "Lease in the data plane's namespace"),
    LEADER_ELECT("true", "", "elect one of several replicas; false: this one always leads"),
    DATA_PLANE("", "NAMESPACE/NAME", "the DataPlane served; default: POD_NAMESPACE/fairway"),
    SHARED_CONFIG_NAMESPACE("", "NAME", "namespace of the shared config, that holds nothing else"),
    MANIFESTS("", "DIR", "read a folder of YAML instead of a cluster"),
    PUBLISH_FOLDER("", "DIR", "write the shared config into a folder"),
    KUBECONFIG("", "FILE", "cluster to talk to; default: the pod's own"),
    HEALTH_ADDRESS("0.0.0.0:10254", "HOST:PORT", "healthz, readyz, metrics and problems"),
    HELP("false", "", "this text");

    final String fallback;

    /** What the value looks like; empty: a switch, which may stand alone. */
    final String form;

    final String help;

    Flag(String fallback, String form, String help) {
        this.fallback = fallback;
        this.form = form;
        this.help = help;
    }

    boolean isSwitch() {
        return form.isEmpty();
    }

    String word() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    @Override
    public String toString() {
        return "--" + word();
    }

    static Optional<Flag> named(String word) {
        return Arrays.stream(values()).filter(f -> f.word().equals(word)).findFirst();
    }

    /** The flag a mistyped word is nearest to, if any is near. */
    static Optional<Flag> near(String word) {
        return Arrays.stream(values())
                .min(Comparator.comparingInt(f -> distance(f.word(), word)))
                .filter(f -> distance(f.word(), word) <= Math.max(2, word.length() / 4));
    }

    static String usage() {
        StringBuilder text = new StringBuilder("Fairway controller\n\n");
        for (Flag flag : values()) {
            String left = flag.isSwitch() ? flag.toString() : flag + "=" + flag.form;
            text.append("  ").append(left).append("\n        ").append(flag.help);
            if (!flag.fallback.isEmpty() && flag != HELP) {
                text.append(" (default ").append(flag.fallback).append(')');
            }
            text.append('\n');
        }
        return text.toString();
    }

    /** Levenshtein's, one row at a time. */
    private static int distance(String a, String b) {
        int[] row = new int[b.length() + 1];
        for (int j = 0; j < row.length; j++) {
            row[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j < row.length; j++) {
                int changed = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(changed, 1 + Math.min(row[j], row[j - 1]));
            }
        }
        return row[b.length()];
    }
}
