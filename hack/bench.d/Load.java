import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A load generator on core 0. */
interface Load {
    int CONNECTIONS = 64;
    List<String> TEN_HEADERS = List.of("User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36", "Accept: text/html,application/xhtml+xml;q=0.9,*/*;q=0.8",
            "Accept-Language: en-US,en;q=0.5", "Accept-Encoding: gzip, deflate, br", "Cookie: session=0123456789abcdef; theme=dark",
            "Referer: https://bench.example.com/a/b", "Cache-Control: no-cache", "Upgrade-Insecure-Requests: 1", "Sec-Fetch-Mode: navigate",
            "X-Trace: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");

    /** What came back. NaN: not measured. */
    record Outcome(long requests, double seconds, double p50, double p99, double p999) {}

    /** That a proxy does not serve this, in a few words. */
    final class Refused extends IOException {
        Refused(String why) {
            super(why);
        }
    }

    /** Why nobody can be measured by it here. */
    Optional<String> missing();

    /** @throws Refused when what came back is not what was asked for */
    Outcome run(Site site, int seconds) throws IOException, InterruptedException;

    static String run(Site site, List<String> command, Map<String, String> environment, int seconds) throws IOException, InterruptedException {
        Path log = site.folder().resolve("load.log");
        try {
            Process load = Children.start(0, command, log, environment);
            boolean ended = load.waitFor(seconds + 15L, TimeUnit.SECONDS);
            Children.end(load);
            String said = Files.readString(log);
            if (!ended) {
                throw new Refused("the load did not end");
            }
            if (load.exitValue() != 0) {
                throw new Refused(said.lines().reduce((a, b) -> b).orElse("the load ended with " + load.exitValue()));
            }
            return said;
        } finally {
            Files.deleteIfExists(log);
        }
    }

    /** {@code name=number} pairs of a program's report. */
    static Map<String, Double> pairs(String text) {
        Map<String, Double> pairs = new HashMap<>();
        Matcher matcher = Pattern.compile("(\\w+)=([0-9.]+)").matcher(text);
        while (matcher.find()) {
            pairs.put(matcher.group(1), Double.parseDouble(matcher.group(2)));
        }
        return pairs;
    }

    /** More than one failure in a thousand is not a measurement of anything. */
    static Outcome outcome(String text) throws Refused {
        Map<String, Double> pairs = pairs(text);
        double requests = pairs.getOrDefault("requests", 0.0);
        double failed = pairs.getOrDefault("failed", 0.0);
        if (requests == 0 || failed > requests / 1000) {
            String hint = text.lines().filter(line -> line.startsWith("answered")).findFirst().map(line -> ", " + line).orElse("");
            throw new Refused(String.format("%.0f answers, %.0f failures%s", requests, failed, hint));
        }
        return new Outcome((long) requests, pairs.get("seconds"), pairs.getOrDefault("p50", Double.NaN), pairs.getOrDefault("p99", Double.NaN),
                pairs.getOrDefault("p999", Double.NaN));
    }

    /** HTTP/1.1 by wrk. */
    record Wrk(boolean tls, String path, int answer, int post, int routes, List<String> headers) implements Load {
        static Wrk get(boolean tls, String size, int answer) {
            return new Wrk(tls, "/svc5/" + size, answer, 0, 0, List.of());
        }

        Wrk with(List<String> more) {
            return new Wrk(tls, path, answer, post, routes, more);
        }

        @Override
        public Optional<String> missing() {
            return Peer.present(Peer.tool("WRK"), "Debian package wrk");
        }

        @Override
        public Outcome run(Site site, int seconds) throws IOException, InterruptedException {
            List<String> command = new ArrayList<>(List.of(Peer.tool("WRK"), "-t1", "-c" + CONNECTIONS, "-d" + seconds + "s", "-s",
                    Peer.tool("ROOT") + "/hack/bench.d/load.lua", "-H", "Host: " + Setup.HOST));
            for (String header : headers) {
                command.addAll(List.of("-H", header));
            }
            command.add((tls ? "https://127.0.0.1:" + site.https() : "http://127.0.0.1:" + site.http()) + path);
            Map<String, String> environment = new HashMap<>();
            if (post > 0) {
                environment.put("BENCH_POST", "" + post);
            }
            if (routes > 0) {
                environment.put("BENCH_ROUTES", "" + site.setup().routes());
            }
            String said = Load.run(site, command, environment, seconds);
            Outcome outcome = outcome(said);
            if (pairs(said).get("bytes") / outcome.requests() < answer) {
                throw new Refused("answers are too short");
            }
            return outcome;
        }
    }

    /** HTTP/2 over TLS by h2load: 8 connections of 16 streams. */
    record H2(boolean grpc, List<String> headers) implements Load {
        private static final Pattern TOTAL = Pattern.compile("requests: (\\d+) total.*?(\\d+) succeeded, (\\d+) failed, (\\d+) errored, (\\d+) timeout");
        private static final Pattern DATA = Pattern.compile("headers .*?, \\S+ \\((\\d+)\\) data");

        @Override
        public Optional<String> missing() {
            return Peer.present(Peer.tool("H2LOAD"), "Debian package nghttp2-client");
        }

        @Override
        public Outcome run(Site site, int seconds) throws IOException, InterruptedException {
            Path log = site.folder().resolve("h2load.log");
            Path message = site.folder().resolve("message");
            try {
                List<String> command = new ArrayList<>(List.of(Peer.tool("H2LOAD"), "-t1", "-c8", "-m16", "-D" + seconds, "--log-file=" + log,
                        "--connect-to=127.0.0.1:" + site.https(), "-H", ":authority: " + Setup.HOST));
                if (grpc) {
                    Files.write(message, new byte[] {0, 0, 0, 0, 5, 10, 3, 'y', 'o', 'u'});
                    command.addAll(List.of("-d", message.toString(), "-H", "content-type: application/grpc", "-H", "te: trailers"));
                }
                for (String header : headers) {
                    command.addAll(List.of("-H", header));
                }
                command.add("https://" + Setup.HOST + ":" + site.https() + (grpc ? "/bench.Echo/Unary" : "/svc5/128"));
                String said = Load.run(site, command, Map.of(), seconds);
                if (!said.contains("Application protocol: h2")) {
                    throw new Refused("does not speak HTTP/2 here");
                }
                Matcher total = TOTAL.matcher(said);
                Matcher data = DATA.matcher(said);
                if (!total.find() || !data.find()) {
                    throw new Refused("h2load: " + said.lines().reduce((a, b) -> b).orElse("nothing said"));
                }
                long requests = Long.parseLong(total.group(2));
                long failed = Long.parseLong(total.group(3)) + Long.parseLong(total.group(4)) + Long.parseLong(total.group(5));
                if (requests == 0 || failed > requests / 1000) {
                    throw new Refused(requests + " answers, " + failed + " failures");
                }
                if (Long.parseLong(data.group(1)) / requests < (grpc ? 16 : 128)) {
                    throw new Refused(grpc ? "no gRPC message comes back" : "answers are too short");
                }
                double[] micros = Files.readAllLines(log).stream().mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf('\t') + 1))).sorted().toArray();
                return new Outcome(requests, seconds, at(micros, 0.5), at(micros, 0.99), at(micros, 0.999));
            } finally {
                Files.deleteIfExists(log);
            }
        }

        private static double at(double[] sorted, double part) {
            return sorted.length == 0 ? Double.NaN : sorted[(int) (sorted.length * part)];
        }
    }

    /** A program of native/, whose arguments follow the port: {@code {host}} and {@code {seconds}} are filled in. */
    record Native(String program, boolean tls, List<String> arguments) implements Load {
        @Override
        public Optional<String> missing() {
            return Peer.present(Peer.tool("NATIVE") + "/" + program, "needs gcc and libssl-dev");
        }

        @Override
        public Outcome run(Site site, int seconds) throws IOException, InterruptedException {
            List<String> command = new ArrayList<>(List.of(Peer.tool("NATIVE") + "/" + program, "" + (tls ? site.https() : site.http())));
            arguments.forEach(argument -> command.add(argument.replace("{host}", site.setup().host(0)).replace("{seconds}", "" + seconds)));
            String said = Load.run(site, command, Map.of(), seconds);
            Outcome outcome = outcome(said);
            if (arguments.contains("resumed") && pairs(said).get("reused") < (outcome.requests() - 2 * 16) * 0.9) {
                throw new Refused("sessions are not resumed: " + Math.round(pairs(said).get("reused")) + " of " + outcome.requests());
            }
            return outcome;
        }
    }

    /** With the cookies that a first answer sets, and an Origin: what a returning browser sends. */
    record Returning(Wrk load) implements Load {
        @Override
        public Optional<String> missing() {
            return load.missing();
        }

        @Override
        public Outcome run(Site site, int seconds) throws IOException, InterruptedException {
            List<String> headers = new ArrayList<>(List.of("Origin: https://app.example.com"));
            try (java.net.Socket socket = new java.net.Socket("127.0.0.1", site.http())) {
                socket.getOutputStream().write(("GET " + load.path() + " HTTP/1.1\r\nHost: " + Setup.HOST + "\r\nOrigin: https://app.example.com\r\nConnection: close\r\n\r\n").getBytes());
                for (String line : new String(socket.getInputStream().readAllBytes()).split("\r\n")) {
                    if (line.toLowerCase().startsWith("set-cookie:")) {
                        headers.add("Cookie: " + line.substring(11).strip().split(";")[0]);
                    }
                }
            }
            return load.with(headers).run(site, seconds);
        }
    }
}
