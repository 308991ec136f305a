import dev.fairway.dataplane.fuzz.Grammar;
import dev.fairway.dataplane.fuzz.Reading;
import dev.fairway.dataplane.fuzz.ReferenceRequest;
import dev.fairway.dataplane.fuzz.RequestMeaning;
import dev.fairway.dataplane.message.Header;
import dev.fairway.dataplane.proxy.ProxyLimits;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/**
 * Sends messages through a real Fairway to a recorder, and what was recorded to independent servers:
 * each must see one request that says what the client's said, and the next one on the connection
 * untouched. Run by hack/differential.
 */
final class Differential {
    /** Of one connection, or written by Fairway; these are compared as recorded, or not at all. */
    private static final Set<String> FRAMING = Set.of("host", "connection", "content-length", "transfer-encoding", "expect", "upgrade", "te", "trailer", "keep-alive");

    private static final Set<String> OURS = Set.of("x-request-id", "x-real-ip", "x-forwarded-for", "x-forwarded-host", "x-forwarded-port", "x-forwarded-proto", "x-forwarded-scheme",
            "x-scheme", "x-original-forwarded-for", "x-original-forwarded-host", "forwarded", "proxy", "proxy-connection", "http2-settings", "via", "cdn-loop");

    /** What was forwarded, and what it means. */
    record Sample(String bytes, Report report) {}

    private static final class Tally {
        int same;
        final Map<String, Integer> known = new TreeMap<>();
        final List<String> differences = new ArrayList<>();
    }

    private static final List<Process> STARTED = new ArrayList<>();

    private Differential() {}

    public static void main(String[] arguments) throws Exception {
        Path root = Path.of(arguments[0]);
        Path cache = Path.of(arguments[1]);
        int wanted = Integer.parseInt(arguments[2]);
        long seed = Long.parseLong(arguments[3]);
        Set<String> only = Set.of(arguments[4].split(" "));
        Path work = Files.createTempDirectory("fairway-differential");
        // Servers that started as root read it as somebody else.
        work.toFile().setReadable(true, false);
        work.toFile().setExecutable(true, false);
        String java = ProcessHandle.current().info().command().orElseThrow();
        List<Server> servers = new ArrayList<>();
        Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(servers, work)));
        Recorder recorder = new Recorder();
        int port = fairway(root, java, work, recorder.port());
        List<Sample> samples = samples(root, wanted, seed, port, recorder);
        Server.Places places = new Server.Places(root.resolve("hack/differential.d"), cache, work, java);
        Map<Server, Tally> tallies = new LinkedHashMap<>();
        for (Map.Entry<String, Server.Recipe> recipe : Server.ALL.entrySet()) {
            if (!only.contains(recipe.getKey())) {
                continue;
            }
            try {
                servers.add(recipe.getValue().start(places, new Recorder().port()));
            } catch (IOException e) {
                System.out.println("not run: " + recipe.getKey() + ": " + e.getMessage());
            }
        }
        for (Server server : servers) {
            tallies.put(server, replay(server, samples));
            System.out.println(server.name() + ": done");
        }
        System.exit(print(samples.size(), tallies) ? 0 : 1);
    }

    private static int fairway(Path root, String java, Path work, int backend) throws Exception {
        Path manifests = Files.createDirectory(work.resolve("manifests"));
        Files.writeString(manifests.resolve("all.yaml"), """
                apiVersion: networking.k8s.io/v1
                kind: IngressClass
                metadata: {name: fairway}
                spec: {controller: fairway.dev/ingress-controller}
                ---
                apiVersion: networking.k8s.io/v1
                kind: Ingress
                metadata: {name: all, namespace: default}
                spec:
                  ingressClassName: fairway
                  rules: [{http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: recorder, port: {number: 80}}}}]}}]
                ---
                apiVersion: v1
                kind: Service
                metadata: {name: recorder, namespace: default}
                spec: {ports: [{port: 80, targetPort: %1$d}]}
                ---
                apiVersion: discovery.k8s.io/v1
                kind: EndpointSlice
                metadata: {name: recorder-1, namespace: default, labels: {kubernetes.io/service-name: recorder}}
                addressType: IPv4
                ports: [{port: %1$d}]
                endpoints: [{addresses: [127.0.0.1], conditions: {ready: true}}]
                """.formatted(backend));
        int port = Server.free();
        int admin = Server.free();
        ProcessBuilder run = new ProcessBuilder(root.resolve("hack/run").toString(), manifests.toString(), "--http", "127.0.0.1:" + port, "--https", "127.0.0.1:" + Server.free(),
                "--admin", "127.0.0.1:" + admin, "--controller-admin", "127.0.0.1:" + Server.free());
        Process process = run.redirectErrorStream(true).redirectOutput(work.resolve("fairway.log").toFile()).start();
        STARTED.add(process);
        HttpClient client = HttpClient.newHttpClient();
        for (int i = 0; i < 600; i++) {
            try {
                if (client.send(HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + admin + "/readyz")).build(), HttpResponse.BodyHandlers.discarding()).statusCode() == 200) {
                    return port;
                }
            } catch (IOException e) {
                if (!process.isAlive()) {
                    break;
                }
            }
            Thread.sleep(100);
        }
        throw new IOException("Fairway did not start:\n" + Files.readString(work.resolve("fairway.log")));
    }

    /** The corpus first, then generated messages until enough were forwarded. */
    private static List<Sample> samples(Path root, int wanted, long seed, int port, Recorder recorder) throws IOException {
        List<Sample> samples = new ArrayList<>();
        Set<RequestMeaning> seen = new HashSet<>();
        List<String> messages = new ArrayList<>();
        for (String folder : List.of("request", "forward")) {
            try (var files = Files.list(root.resolve("dataplane/src/test/resources/corpus/" + folder))) {
                for (Path file : files.sorted().toList()) {
                    messages.add(Files.readString(file, StandardCharsets.ISO_8859_1));
                }
            }
        }
        Grammar grammar = new Grammar(new Random(seed));
        int sent = 0;
        int wrong = 0;
        int answeredHere = 0;
        while (samples.size() < wanted) {
            String message = sent < messages.size() ? messages.get(sent) : grammar.request();
            sent++;
            if (!(ReferenceRequest.read(message, ProxyLimits.DEFAULTS.client().head()) instanceof Reading.Whole<RequestMeaning>(RequestMeaning meaning, int end)) || !seen.add(meaning)) {
                continue;
            }
            recorder.take();
            try (Answers client = new Answers(port)) {
                client.send(message.substring(0, end));
                Answers.Answer answer = client.next(meaning.method().equals("HEAD"));
                List<Recorder.Taken> taken = recorder.take();
                if (taken.isEmpty()) {
                    answeredHere++;
                    if (!meaning.path().equals("*")) {
                        System.out.println("FAIRWAY forwarded nothing (" + (answer == null ? "closed" : answer.status()) + "): " + printable(message));
                        wrong++;
                    }
                    continue;
                }
                String difference = taken.size() > 1 ? "more than one request" : difference(meaning, taken.getFirst().report());
                if (difference != null) {
                    System.out.println("FAIRWAY " + difference + ": " + printable(message) + " forwarded as " + printable(taken.getFirst().bytes()));
                    wrong++;
                }
                samples.add(new Sample(taken.getFirst().bytes(), taken.getFirst().report()));
            }
        }
        System.out.printf("%d messages generated (seed %d), %d forwarded, %d answered by Fairway itself, %d forwarded other than meant%n", sent, seed, samples.size(), answeredHere, wrong);
        return samples;
    }

    private static String difference(RequestMeaning meaning, Report report) {
        Map<String, String> fields = new TreeMap<>();
        for (Header field : meaning.fields()) {
            Report.put(fields, field.name(), field.value());
        }
        String target = meaning.path() + (meaning.query() == null ? "" : "?" + meaning.forwardedQuery());
        Report meant = new Report(meaning.method(), target, fields, meaning.body());
        fields.put("host", meaning.authority().isEmpty() ? "localhost" : meaning.authority());
        return difference(meant, report, OURS);
    }

    /** In words; null: none. */
    private static String difference(Report wanted, Report seen, Set<String> except) {
        if (!wanted.method().equals(seen.method())) {
            return "method " + seen.method();
        }
        if (!wanted.target().equals(seen.target())) {
            return "target " + printable(seen.target()) + " for " + printable(wanted.target());
        }
        if (!wanted.body().equals(seen.body())) {
            return "body " + printable(seen.body());
        }
        String host = wanted.fields().getOrDefault("host", "");
        if (!host.equals(seen.fields().getOrDefault("host", ""))) {
            return "host " + printable(seen.fields().getOrDefault("host", "")) + " for " + printable(host);
        }
        Map<String, String> left = comparable(wanted.fields(), except);
        Map<String, String> right = comparable(seen.fields(), except);
        if (!left.equals(right)) {
            left.entrySet().removeIf(e -> right.remove(e.getKey(), e.getValue()));
            return "fields " + printable(right.toString()) + " for " + printable(left.toString());
        }
        return null;
    }

    /** Lists may be joined with or without blanks. */
    private static Map<String, String> comparable(Map<String, String> fields, Set<String> except) {
        Map<String, String> left = new TreeMap<>();
        fields.forEach((name, value) -> {
            if (!FRAMING.contains(name) && !except.contains(name)) {
                left.put(name, value.replaceAll("[ \t]*,[ \t]*", ","));
            }
        });
        return left;
    }

    private static Tally replay(Server server, List<Sample> samples) {
        Tally tally = new Tally();
        Answers connection = null;
        for (int i = 0; i < samples.size(); i++) {
            Sample sample = samples.get(i);
            String said;
            boolean usable = false;
            try {
                if (connection == null) {
                    connection = new Answers(server.port());
                }
                // Behind a request to upgrade nothing may be sent before its answer; behind all others, much may be.
                boolean upgrade = sample.report().fields().containsKey("upgrade");
                String next = "GET /after/" + i + " HTTP/1.1\r\nHost: after.test\r\n\r\n";
                connection.send(sample.bytes() + (upgrade ? "" : next));
                Answers.Answer answer = connection.next(sample.report().method().equals("HEAD"));
                if (answer == null) {
                    said = "closed without an answer";
                } else if (answer.status() != 200) {
                    said = "refused: " + answer.status();
                    String after = upgrade ? "" : afterRefusal(connection);
                    if (!after.isEmpty() && !after.equals("/after/" + i)) {
                        said = "next request is " + printable(after);
                    }
                } else {
                    said = difference(sample.report(), answer.report(), Known.notCompared(server.name()));
                    if (upgrade) {
                        connection.send(next);
                    }
                    Answers.Answer after = connection.next(false);
                    boolean intact = after != null && after.status() == 200 && after.report().target().equals("/after/" + i) && after.report().method().equals("GET") && after.report().body().isEmpty();
                    usable = intact;
                    if (!intact && said == null) {
                        said = after == null ? "next request unanswered" : "next request " + after.status();
                    }
                }
            } catch (IOException | RuntimeException e) {
                said = "broken: " + e;
            }
            if (!usable && connection != null) {
                try {
                    connection.close();
                } catch (IOException e) {
                    // gone anyway
                }
                connection = null;
            }
            if (said == null) {
                tally.same++;
                continue;
            }
            String reason = Known.reason(server.name(), sample.report(), said);
            if (reason != null) {
                tally.known.merge(reason, 1, Integer::sum);
            } else {
                tally.differences.add(said + "\n      " + printable(sample.bytes()));
            }
        }
        return tally;
    }

    /** The target of the request that was served after a refused one; empty: none was. */
    private static String afterRefusal(Answers connection) {
        try {
            Answers.Answer after = connection.next(false);
            return after == null || after.status() != 200 ? "" : after.report().target();
        } catch (IOException | RuntimeException e) {
            return "";
        }
    }

    private static boolean print(int messages, Map<Server, Tally> tallies) {
        System.out.println("\n| server | version | messages | as meant | known, harmless | differences |\n| --- | --- | --- | --- | --- | --- |");
        boolean good = tallies.size() >= 6;
        for (Map.Entry<Server, Tally> entry : tallies.entrySet()) {
            Tally tally = entry.getValue();
            int known = tally.known.values().stream().mapToInt(Integer::intValue).sum();
            System.out.printf("| %s | %s | %d | %d | %d | %d |%n", entry.getKey().name(), entry.getKey().version(), messages, tally.same, known, tally.differences.size());
            good &= tally.differences.isEmpty();
        }
        System.out.println();
        tallies.forEach((server, tally) -> tally.known.forEach((reason, times) -> System.out.println(server.name() + ", " + times + " known: " + reason)));
        tallies.forEach((server, tally) -> tally.differences.stream().limit(12).forEach(d -> System.out.println(server.name() + " DIFFERS: " + d)));
        if (tallies.size() < 6) {
            System.out.println("only " + tallies.size() + " servers: six are asked for");
        }
        return good;
    }

    static String printable(String text) {
        StringBuilder out = new StringBuilder();
        text.chars().forEach(c -> out.append(c == '\r' ? "\\r" : c == '\n' ? "\\n" : c < 32 || c > 126 ? String.format("\\x%02x", c) : String.valueOf((char) c)));
        return out.toString();
    }

    private static void stop(List<Server> servers, Path work) {
        try {
            for (Server server : servers) {
                server.stop();
            }
            for (Process process : STARTED) {
                process.destroy();
                process.waitFor(15, TimeUnit.SECONDS);
            }
            try (var files = Files.walk(work)) {
                files.sorted(java.util.Comparator.reverseOrder()).forEach(p -> p.toFile().delete());
            }
        } catch (IOException | InterruptedException e) {
            System.err.println("left behind: " + work + ": " + e);
        }
    }
}
