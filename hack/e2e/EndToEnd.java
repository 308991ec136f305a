import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;

/**
 * Fairway on a real Kubernetes, seen from a client outside it. Run by hack/e2e/run. Every check has a counter-check, or a value that
 * differs from run to run, so that it can fail; the last line counts them.
 */
public final class EndToEnd {
    private static final String NS = "demo";
    private static final String SYSTEM = "fairway-system";
    private static int passed;
    private static final List<String> failed = new ArrayList<>();
    private static String address = "";

    public static void main(String[] arguments) throws Exception {
        boolean longRun = "long".equals(System.getenv("MODE"));
        int rolls = Integer.parseInt(System.getenv().getOrDefault("ROLLS", "0"));
        section("install", EndToEnd::install);
        if (failed.isEmpty() && rolls > 0) {
            section("an Ingress to traffic", EndToEnd::traffic);
            section("the data plane is restarted " + rolls + " times under full load", () -> dataPlaneRolls(rolls, 32, 0));
        } else if (failed.isEmpty()) {
            section("an Ingress to traffic", EndToEnd::traffic);
            section("gRPC and HTTP/2 backends", EndToEnd::calls);
            section("what is wrong is said on the Ingress", EndToEnd::problems);
            section("changes while it runs", EndToEnd::changes);
            section("time from API write to the first answer by the new rule", () -> propagation(longRun ? 200 : 30));
            section("a backend rolls under load", EndToEnd::backendRolls);
            section("the data plane rolls under load", () -> dataPlaneRolls(1, 16, 5));
            section("the controller is killed while it publishes", () -> controllerKilled(longRun ? 10 : 3));
            section("the API server is away", EndToEnd::apiServerAway);
        }
        if (System.getenv().getOrDefault("KEEP", "").isEmpty()) {
            section("uninstall", EndToEnd::uninstall);
        }
        failed.forEach(f -> System.out.println("FAILED: " + f));
        System.out.println(passed + " passed, " + failed.size() + " failed");
        System.exit(failed.isEmpty() ? 0 : 1);
    }

    private static void install() throws Exception {
        String chart = System.getenv("HACK") + "/../charts/fairway";
        Shell.helm("install", "fairway", chart, "--namespace", SYSTEM, "--create-namespace", "--wait", "--timeout", "180s",
                "--set", "fullnameOverride=fairway");
        check("both halves are rolled out", true, "");
        address = Shell.cluster("expose", SYSTEM, "fairway-dataplane").strip();
        address = address.substring(address.lastIndexOf('\n') + 1);
        check("the data plane has an address", address.matches("[0-9.]+"), address);
        Shell.apply("apiVersion: v1\nkind: Namespace\nmetadata: {name: " + NS + "}\n");
        backend("echo", 2, "one");
        Shell.kubectl("-n", NS, "rollout", "status", "deploy/echo", "--timeout=90s");
    }

    private static void traffic() throws Exception {
        tlsSecret("web-tls", "web.example.com", "first");
        Shell.apply(ingress("web", "web.example.com", "/", "echo", "web-tls", ""));
        until("the new host answers", 20, () -> everywhere(() -> get("web.example.com", "/hello").status() == 308));
        Http.Answer redirect = get("web.example.com", "/hello?a=1");
        check("plain is redirected", redirect.header("location").equals("https://web.example.com/hello?a=1"), redirect.header("location"));
        try (Http secure = Http.tls(address, 443, "web.example.com")) {
            Http.Answer answer = secure.get("/hello?a=1");
            check("TLS answers 200", answer.status() == 200, answer.status() + " " + answer.body());
            check("the certificate is the Secret's", secure.certificate().getSubjectX500Principal().getName().contains("O=first"),
                    secure.certificate().getSubjectX500Principal().getName());
            check("the backend sees https and the path", answer.body().contains("\"x-forwarded-proto\"") && answer.body().contains("/hello"),
                    answer.body());
            check("HSTS is sent", !answer.header("strict-transport-security").isEmpty(), answer.headers().toString());
        }
        check("an unknown host is 404", get("nobody.example.com", "/").status() == 404, "");
        until("the status has the address", 20, () -> Shell.kubectl("-n", NS, "get", "ingress", "web", "-o",
                "jsonpath={.status.loadBalancer.ingress[*].ip}").equals(address));
        Shell.apply(ingress("plain", "plain.example.com", "/", "echo", "", ""));
        until("a plain host answers 200", 20, () -> everywhere(() -> get("plain.example.com", "/").status() == 200));
        Set<String> pods = new HashSet<>();
        for (int i = 0; i < 20; i++) {
            pods.add(pod(get("plain.example.com", "/")));
        }
        check("both pods answer", pods.size() == 2, pods.toString());
        Shell.apply(ingress("sticky", "sticky.example.com", "/", "echo", "",
                "nginx.ingress.kubernetes.io/affinity: cookie, nginx.ingress.kubernetes.io/affinity-mode: persistent"));
        until("a sticky host answers", 20, () -> everywhere(() -> get("sticky.example.com", "/").status() == 200));
        Http.Answer first = get("sticky.example.com", "/");
        String cookie = first.header("set-cookie").split(";")[0];
        boolean same = true;
        for (int i = 0; i < 20; i++) {
            same &= pod(get("sticky.example.com", "/", "Cookie: " + cookie)).equals(pod(first));
        }
        check("a cookie keeps its pod", same && cookie.startsWith("INGRESSCOOKIE="), cookie);
        Shell.apply(ingress("limited", "limited.example.com", "/", "echo", "", "nginx.ingress.kubernetes.io/limit-rps: '1'"));
        until("a limited host answers", 20, () -> get("limited.example.com", "/").status() == 200);
        int refused = 0;
        try (Http one = Http.plain(address, 80, "limited.example.com")) {
            for (int i = 0; i < 20 && one.open(); i++) {
                refused += one.get("/").status() == 429 ? 1 : 0;
            }
        }
        check("a rate limit refuses with 429", refused >= 5, refused + " of 20");
    }

    private static void calls() throws Exception {
        // Once by the Service's word, once by the Ingress's.
        Shell.apply("""
                apiVersion: v1
                kind: Service
                metadata: {name: calls, namespace: demo}
                spec:
                  selector: {app: echo}
                  ports: [{name: http, port: 80, targetPort: 8081, appProtocol: kubernetes.io/h2c}]
                ---
                apiVersion: v1
                kind: Service
                metadata: {name: bare-calls, namespace: demo}
                spec:
                  selector: {app: echo}
                  ports: [{name: http, port: 80, targetPort: 8081}]
                """);
        tlsSecret("calls-tls", "calls.example.com", "calls");
        Shell.apply(ingress("calls", "calls.example.com", "/", "calls", "calls-tls", "nginx.ingress.kubernetes.io/ssl-redirect: 'false'"));
        Shell.apply(ingress("bare-calls", "bare.example.com", "/", "bare-calls", "", "nginx.ingress.kubernetes.io/backend-protocol: GRPC"));
        until("HTTP/1 is answered by a backend of HTTP/2", 20, () -> everywhere(() -> get("calls.example.com", "/hello").status() == 200));
        check("which saw HTTP/2", get("calls.example.com", "/hello").body().contains("HTTP/2"), "");
        until("so it is by the annotation", 20, () -> everywhere(() -> get("bare.example.com", "/hello").status() == 200));
        if (System.getenv("GRPCIO").isEmpty()) {
            check("gRPC's own client is there", false, "pip could not install grpcio");
            return;
        }
        client(":80", "calls.example.com", "");
        client(":80", "bare.example.com", "");
        java.nio.file.Path pem = java.nio.file.Files.createTempFile("fairway-e2e", ".pem");
        java.nio.file.Files.write(pem, java.util.Base64.getDecoder().decode(
                Shell.kubectl("-n", NS, "get", "secret", "calls-tls", "-o", "jsonpath={.data.tls\\.crt}")));
        client(":443", "calls.example.com", pem.toString());
        java.nio.file.Files.delete(pem);
    }

    /** Each line of the real client's is a check. */
    private static void client(String port, String host, String pem) {
        List<String> command = new ArrayList<>(List.of("env", "PYTHONPATH=" + System.getenv("GRPCIO"), "python3", System.getenv("HACK") + "/e2e/calls.py",
                address + port, host, pem.isEmpty() ? "nobody.example.com" : ""));
        if (!pem.isEmpty()) {
            command.add(pem);
        }
        Shell.Result result = Shell.run("", command);
        List<String> lines = result.out().lines().filter(l -> l.startsWith("ok   ") || l.startsWith("FAIL ")).toList();
        lines.forEach(l -> check(host + port + ", " + l.substring(5), l.startsWith("ok"), ""));
        check(host + port + ", the client came to its end", result.ok() && lines.size() >= 9, result.ok() ? lines.size() + " checks" : result.out());
    }

    private static void problems() throws Exception {
        Shell.apply(ingress("odd", "odd.example.com", "/", "missing", "", "nginx.ingress.kubernetes.io/limit-rps: many"));
        until("a missing Service is 503", 20, () -> get("odd.example.com", "/").status() == 503);
        until("an Event names the annotation", 20, () -> events("odd").contains("limit-rps"));
        until("an Event names the Service", 20, () -> events("odd").contains("missing"));
        System.out.println(events("odd").indent(6).stripTrailing());
        backend("missing", 1, "late");
        until("it recovers when the Service comes", 60, () -> get("odd.example.com", "/").status() == 200);
        Shell.apply(ingress("older", "fight.example.com", "/", "echo", "", ""));
        until("the older owner answers", 20, () -> everywhere(() -> get("fight.example.com", "/").status() == 200));
        Thread.sleep(1_100); // creation times have whole seconds
        Shell.apply(ingress("younger", "fight.example.com", "/", "missing", "", ""));
        until("the loser is named in an Event", 20, () -> events("younger").contains("older"));
        check("the older one still answers", pod(get("fight.example.com", "/")).startsWith("echo"), "");
        Shell.kubectl("-n", NS, "delete", "ingress", "older");
        until("the younger one takes over", 20, () -> pod(get("fight.example.com", "/")).startsWith("missing"));
    }

    private static void changes() throws Exception {
        Shell.kubectl("-n", NS, "scale", "deploy/echo", "--replicas=3");
        until("a third pod takes part", 60, () -> {
            Set<String> pods = new HashSet<>();
            for (int i = 0; i < 12; i++) {
                pods.add(pod(get("plain.example.com", "/")));
            }
            return pods.size() == 3;
        });
        try (Http old = Http.tls(address, 443, "web.example.com")) {
            tlsSecret("web-tls", "web.example.com", "second");
            until("the rotated certificate is shown", 20, () -> {
                try (Http fresh = Http.tls(address, 443, "web.example.com")) {
                    return fresh.certificate().getSubjectX500Principal().getName().contains("O=second");
                }
            });
            check("the old connection still answers", old.get("/").status() == 200, "");
        }
        Shell.kubectl("-n", NS, "delete", "service", "echo");
        until("a deleted Service is 503", 20, () -> get("plain.example.com", "/").status() == 503);
        service("echo");
        until("and 200 when it is back", 30, () -> everywhere(() -> get("plain.example.com", "/").status() == 200));
    }

    private static void propagation(int changes) throws Exception {
        long[] millis = new long[changes];
        for (int i = 0; i < changes; i++) {
            String path = "/p" + i + "-" + System.nanoTime();
            String yaml = ingress("moving", "moving.example.com", path, "echo", "", "");
            long from = applied(yaml);
            while (get("moving.example.com", path).status() != 200) {
                if (System.nanoTime() - from > 20_000_000_000L) {
                    check("change " + i + " arrives", false, "not within 20 s");
                    return;
                }
            }
            millis[i] = (System.nanoTime() - from) / 1_000_000;
        }
        Arrays.sort(millis);
        System.out.printf("      %d changes: p50 %d ms, p99 %d ms, max %d ms%n", changes, millis[changes / 2],
                millis[Math.max(0, changes * 99 / 100 - (changes < 100 ? 0 : 1))], millis[changes - 1]);
        check("the median is under a second", millis[changes / 2] < 1_000, millis[changes / 2] + " ms");
    }

    /** Counts from the moment the server acknowledged the write: kubectl's own ending is not ours to measure. */
    private static long applied(String yaml) {
        Shell.apply(yaml);
        return System.nanoTime();
    }

    private static void backendRolls() throws Exception {
        try (Load load = new Load(16, address, 80, "plain.example.com", "/", 5)) {
            Thread.sleep(2_000);
            Shell.kubectl("-n", NS, "set", "env", "deploy/echo", "ROUND=" + System.nanoTime());
            Shell.kubectl("-n", NS, "rollout", "status", "deploy/echo", "--timeout=120s");
            Thread.sleep(3_000);
            load.close();
            check("no request failed", load.failed() == 0 && load.answered.sum() > 100, load.summary());
            System.out.println("      " + load.summary());
        }
    }

    private static void dataPlaneRolls(int times, int clients, long pauseMillis) throws Exception {
        try (Load load = new Load(clients, address, 80, "plain.example.com", "/", pauseMillis)) {
            Thread.sleep(2_000);
            for (int i = 1; i <= times; i++) {
                Shell.kubectl("-n", SYSTEM, "rollout", "restart", "deploy/fairway-dataplane");
                Shell.kubectl("-n", SYSTEM, "rollout", "status", "deploy/fairway-dataplane", "--timeout=240s");
                if (times > 1) {
                    System.out.println("      " + java.time.LocalTime.now().withNano(0) + " restart " + i + " of " + times + ": " + load.summary());
                }
            }
            Thread.sleep(20_000); // the last old pod drains
            load.close();
            check("no request failed", load.failed() == 0 && load.answered.sum() > 100, load.summary());
            System.out.println("      " + load.summary());
        }
    }

    private static void controllerKilled(int times) throws Exception {
        try (Load load = new Load(8, address, 80, "plain.example.com", "/", 5)) {
            for (int i = 0; i < times; i++) {
                String path = "/k" + System.nanoTime();
                Shell.apply(ingress("moving", "moving.example.com", path, "echo", "", ""));
                Thread.sleep((long) (Math.random() * 60));
                Shell.kubectl("-n", SYSTEM, "delete", "pod", "-l", "app.kubernetes.io/component=controller", "--grace-period=0", "--force");
                until("change " + (i + 1) + " arrives after the kill", 90, () -> get("moving.example.com", path).status() == 200);
            }
            load.close();
            check("no request failed", load.failed() == 0 && load.answered.sum() > 100, load.summary());
        }
    }

    private static void apiServerAway() throws Exception {
        try (Load load = new Load(8, address, 80, "plain.example.com", "/", 5)) {
            Shell.cluster("stop", "kube-apiserver");
            Thread.sleep(15_000);
            check("traffic goes on without an API server", get("plain.example.com", "/").status() == 200, "");
            Shell.cluster("start", "kube-apiserver");
            until("the API server is back", 60, () -> Shell.tryKubectl("get", "--raw", "/readyz").ok());
            Shell.apply(ingress("after", "after.example.com", "/", "echo", "", ""));
            until("changes arrive again", 90, () -> get("after.example.com", "/").status() == 200);
            load.close();
            check("no request failed", load.failed() == 0, load.summary());
        }
    }

    private static void uninstall() throws Exception {
        Shell.kubectl("delete", "namespace", NS, "--wait=false");
        Shell.helm("uninstall", "fairway", "--namespace", SYSTEM, "--wait", "--timeout", "180s");
        for (String kind : List.of("clusterroles", "clusterrolebindings", "ingressclasses", "namespaces")) {
            until("no " + kind + " of ours are left", 90, () -> Shell.kubectl("get", kind, "-o", "name").lines()
                    .noneMatch(n -> n.contains("fairway") && !n.contains("fairway-cluster-") && !n.equals("namespace/" + SYSTEM)));
        }
        // The pods drain first.
        until("nothing is left in the namespace", 120, () -> Shell.kubectl("-n", SYSTEM, "get",
                "all,configmaps,secrets,leases,serviceaccounts,roles,rolebindings,dataplanes", "-o", "name").lines().noneMatch(n -> n.contains("fairway")));
        check("the CRD is kept", Shell.tryKubectl("get", "crd", "dataplanes.fairway.dev").ok(), "");
        Shell.tryKubectl("delete", "crd", "dataplanes.fairway.dev");
        Shell.tryKubectl("delete", "namespace", SYSTEM, "--wait=false");
    }

    // -- objects

    private static void backend(String name, int replicas, String round) {
        Shell.apply("""
                apiVersion: apps/v1
                kind: Deployment
                metadata: {name: %1$s, namespace: demo}
                spec:
                  replicas: %2$d
                  selector: {matchLabels: {app: %1$s}}
                  strategy: {rollingUpdate: {maxUnavailable: 0, maxSurge: 1}}
                  template:
                    metadata: {labels: {app: %1$s}}
                    spec:
                      terminationGracePeriodSeconds: 20
                      containers:
                      - name: echo
                        image: fairway.dev/echo:%4$s
                        imagePullPolicy: Never
                        args: [--port=8080, --http2-port=8081]
                        env: [{name: ROUND, value: %3$s}]
                        ports: [{name: web, containerPort: 8080}]
                        readinessProbe: {httpGet: {path: /ready, port: web}, periodSeconds: 1}
                """.formatted(name, replicas, round, System.getenv("VERSION")));
        service(name);
    }

    private static void service(String name) {
        Shell.apply("""
                apiVersion: v1
                kind: Service
                metadata: {name: %1$s, namespace: demo}
                spec:
                  selector: {app: %1$s}
                  ports: [{name: http, port: 80, targetPort: web}]
                """.formatted(name));
    }

    private static String ingress(String name, String host, String path, String service, String secret, String annotations) {
        return """
                apiVersion: networking.k8s.io/v1
                kind: Ingress
                metadata: {name: %s, namespace: demo, annotations: {%s}}
                spec:
                  ingressClassName: fairway
                  tls: %s
                  rules:
                  - host: %s
                    http:
                      paths:
                      - {path: %s, pathType: Prefix, backend: {service: {name: %s, port: {name: http}}}}
                """.formatted(name, annotations, secret.isEmpty() ? "[]" : "[{hosts: [" + host + "], secretName: " + secret + "}]", host, path, service);
    }

    private static void tlsSecret(String name, String host, String organisation) throws Exception {
        java.nio.file.Path folder = java.nio.file.Files.createTempDirectory("fairway-e2e");
        Shell.Result made = Shell.run("", List.of("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                "-keyout", folder + "/key", "-out", folder + "/crt", "-days", "30", "-subj", "/O=" + organisation + "/CN=" + host,
                "-addext", "subjectAltName=DNS:" + host));
        if (!made.ok()) {
            throw new IllegalStateException(made.out());
        }
        String yaml = Shell.kubectl("-n", NS, "create", "secret", "tls", name, "--cert=" + folder + "/crt", "--key=" + folder + "/key",
                "--dry-run=client", "-o", "yaml");
        Shell.apply(yaml);
        for (String file : List.of("key", "crt", "")) {
            java.nio.file.Files.deleteIfExists(folder.resolve(file));
        }
    }

    private static String events(String ingress) {
        return Shell.kubectl("-n", NS, "get", "events", "--field-selector", "involvedObject.kind=Ingress,involvedObject.name=" + ingress,
                "-o", "custom-columns=REASON:.reason,MESSAGE:.message", "--no-headers");
    }

    // -- requests and checks

    private static Http.Answer get(String host, String path, String... headers) throws IOException {
        try (Http connection = Http.plain(address, 80, host)) {
            return connection.get(path, headers);
        }
    }

    /** The pod's name, out of the sample backend's JSON. */
    private static String pod(Http.Answer answer) {
        java.util.regex.Matcher name = java.util.regex.Pattern.compile("\"(?:host|hostname|pod)\" ?: ?\"([^\"]+)\"").matcher(answer.body());
        return name.find() ? name.group(1) : "?";
    }

    private static void until(String what, int seconds, Callable<Boolean> holds) throws Exception {
        long from = System.nanoTime();
        Exception last = null;
        while (System.nanoTime() - from < seconds * 1_000_000_000L) {
            try {
                if (holds.call()) {
                    check(what, true, (System.nanoTime() - from) / 1_000_000 + " ms");
                    return;
                }
                last = null;
            } catch (IOException | IllegalStateException e) {
                last = e;
            }
            Thread.sleep(50);
        }
        check(what, false, "not within " + seconds + " s" + (last == null ? "" : "; last: " + last));
    }

    /** True when it holds twenty times in a row, so on every replica: they learn of a change within milliseconds of each other. */
    private static boolean everywhere(Callable<Boolean> holds) throws Exception {
        for (int i = 0; i < 20; i++) {
            if (!holds.call()) {
                return false;
            }
        }
        return true;
    }

    private static void check(String what, boolean holds, String detail) {
        System.out.println((holds ? "  ok    " : "  FAIL  ") + what + (detail.isEmpty() ? "" : ": " + detail.strip()));
        if (holds) {
            passed++;
        } else {
            failed.add(what + ": " + detail);
        }
    }

    private interface Part {
        void run() throws Exception;
    }

    private static void section(String name, Part part) {
        System.out.println(name);
        try {
            part.run();
        } catch (Exception e) {
            failed.add(name + ": " + e);
            System.out.println("  FAIL  " + e);
        }
    }
}
