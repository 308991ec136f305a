import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedTrustManager;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLEngine;

/**
 * Runs a data plane as its image will, has it serve a few hundred requests over plain HTTP/1, TLS and HTTP/2, and ends it by SIGTERM: what the JVM
 * saw of it (classes, linked and initialised, and which methods were hot) goes into the cache that its options name.
 *
 *     java Train.java FOLDER EXAMPLES CONTROLLER... -- DATAPLANE...      two commands that lack their flags; the first publishes what the second serves
 */
public final class Train {
    private static final int ROUNDS = 150;

    public static void main(String[] args) throws Exception {
        Path folder = Path.of(args[0]);
        Path hosts = folder.resolve("hosts");
        Files.writeString(hosts, "127.0.0.1 demo.localhost secure.localhost sticky.localhost limited.localhost\n");
        System.setProperty("jdk.net.hosts.file", hosts.toString()); // read at the first look-up
        Path examples = Path.of(args[1]);
        List<String> all = List.of(args).subList(2, args.length);
        int cut = all.indexOf("--");
        List<String> controller = all.subList(0, cut);
        List<String> dataPlane = all.subList(cut + 1, all.size());
        try (ServerSocket backend = new ServerSocket(0, 128, InetAddress.getLoopbackAddress())) {
            Thread.ofVirtual().start(() -> serve(backend));
            Path published = publish(folder, examples, controller, backend.getLocalPort());
            train(folder, published, dataPlane);
        }
    }

    /** The manifests of the examples, whose backend is here. */
    private static Path publish(Path folder, Path examples, List<String> controller, int port) throws Exception {
        Path manifests = Files.createDirectories(folder.resolve("manifests"));
        try (var files = Files.list(examples)) {
            for (Path file : files.toList()) {
                Files.writeString(manifests.resolve(file.getFileName()), Files.readString(file).replaceAll("910[12]", Integer.toString(port)));
            }
        }
        Path published = Files.createDirectories(folder.resolve("published"));
        List<String> command = new ArrayList<>(controller);
        command.addAll(List.of("--manifests=" + manifests, "--publish-folder=" + published, "--health-address=127.0.0.1:" + free()));
        Process process = start(folder, "controller", command);
        for (int i = 0; i < 600 && process.isAlive() && !Files.exists(published.resolve("manifest.json")); i++) {
            Thread.sleep(100);
        }
        Thread.sleep(500);
        end(folder, "controller", process);
        return published;
    }

    private static void train(Path folder, Path published, List<String> dataPlane) throws Exception {
        int http = free();
        int https = free();
        int admin = free();
        List<String> command = new ArrayList<>(dataPlane);
        command.addAll(List.of("--config-folder=" + published, "--bind=http=127.0.0.1:" + http, "--bind=https=127.0.0.1:" + https,
                "--admin=127.0.0.1:" + admin, "--drain-announce=0s", "--drain-grace=1s"));
        Process process = start(folder, "dataplane", command);
        HttpClient one = client(HttpClient.Version.HTTP_1_1);
        HttpClient two = client(HttpClient.Version.HTTP_2);
        for (int i = 0; i < 600 && process.isAlive() && status(one, "http://127.0.0.1:" + admin + "/readyz", false) != 200; i++) {
            Thread.sleep(100);
        }
        int served = 0;
        for (int i = 0; i < ROUNDS; i++) {
            boolean post = i % 3 == 0;
            served += status(one, "http://demo.localhost:" + http + "/a/path?and=query", post) == 200 ? 1 : 0;
            served += status(one, "https://secure.localhost:" + https + "/", post) == 200 ? 1 : 0;
            served += status(two, "https://secure.localhost:" + https + "/", post) == 200 ? 1 : 0;
            served += status(one, "http://sticky.localhost:" + http + "/", false) == 200 ? 1 : 0;
            if (i % 10 == 0) {
                status(client(HttpClient.Version.HTTP_1_1), "https://secure.localhost:" + https + "/", false);
                status(one, "http://127.0.0.1:" + admin + "/metrics", false);
            }
        }
        end(folder, "dataplane", process);
        if (served < 4 * ROUNDS * 9 / 10) {
            System.err.println(Files.readString(folder.resolve("dataplane.log")));
            throw new IOException("only " + served + " of " + 4 * ROUNDS + " requests were served");
        }
        System.err.println(served + " requests served in training");
    }

    /** 0: not reached. */
    private static int status(HttpClient client, String uri, boolean post) throws InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(uri)).timeout(Duration.ofSeconds(5));
        if (post) {
            request.POST(HttpRequest.BodyPublishers.ofByteArray(new byte[5_000]));
        }
        try {
            return client.send(request.build(), HttpResponse.BodyHandlers.discarding()).statusCode();
        } catch (IOException e) {
            return 0;
        }
    }

    private static HttpClient client(HttpClient.Version version) throws Exception {
        SSLContext trusting = SSLContext.getInstance("TLS");
        trusting.init(null, new TrustManager[] {new Anyone()}, null);
        return HttpClient.newBuilder().version(version).sslContext(trusting).build();
    }

    /** The examples' certificate is nobody's. */
    private static final class Anyone extends X509ExtendedTrustManager {
        @Override public void checkClientTrusted(X509Certificate[] chain, String type) {}
        @Override public void checkServerTrusted(X509Certificate[] chain, String type) {}
        @Override public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket) {}
        @Override public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket) {}
        @Override public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}
        @Override public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}
        @Override public X509Certificate[] getAcceptedIssuers() { return new X509Certificate[0]; }
    }

    private static void serve(ServerSocket server) {
        while (!server.isClosed()) {
            try {
                Socket socket = server.accept();
                Thread.ofVirtual().start(() -> answer(socket));
            } catch (IOException e) {
                return;
            }
        }
    }

    private static void answer(Socket socket) {
        byte[] answer = ("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nServer: training\r\nContent-Length: 2000\r\n\r\n" + "x".repeat(2_000)).getBytes(StandardCharsets.US_ASCII);
        try (socket) {
            InputStream in = socket.getInputStream();
            for (String head = head(in); !head.isEmpty(); head = head(in)) {
                var length = java.util.regex.Pattern.compile("(?i)content-length: *(\\d+)").matcher(head);
                in.skipNBytes(length.find() ? Integer.parseInt(length.group(1)) : 0);
                socket.getOutputStream().write(answer);
            }
        } catch (IOException e) {
            // The data plane has gone.
        }
    }

    private static String head(InputStream in) throws IOException {
        StringBuilder head = new StringBuilder();
        for (int next = in.read(); next >= 0; next = in.read()) {
            head.append((char) next);
            if (next == '\n' && head.toString().endsWith("\r\n\r\n")) {
                return head.toString();
            }
        }
        return "";
    }

    private static int free() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    private static Process start(Path folder, String name, List<String> command) throws IOException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(folder.resolve(name + ".log").toFile()).start();
        Runtime.getRuntime().addShutdownHook(new Thread(process::destroyForcibly));
        return process;
    }

    /** By SIGTERM; the cache is written while it ends. */
    private static void end(Path folder, String name, Process process) throws Exception {
        process.destroy();
        if (!process.waitFor(120, TimeUnit.SECONDS) || process.exitValue() != 0) {
            System.err.println(Files.readString(folder.resolve(name + ".log")));
            throw new IOException(name + " did not end well");
        }
    }
}
