import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;

/** The backends, and the proxies before them by what they were asked to do. Owned by the main thread. */
final class Proxies {
    private final Path work;
    private final Path certificate;
    private final Path key;
    private final int[] backends;
    private final int grpc;
    private final Map<Contestant, Instance> running = new HashMap<>();
    private int next;

    Proxies(Path work) throws IOException, InterruptedException {
        this.work = work;
        certificate = work.resolve("certificate.pem");
        key = work.resolve("key.pem");
        Process made = new ProcessBuilder("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout",
                key.toString(), "-out", certificate.toString(), "-days", "30", "-subj", "/CN=" + Setup.HOST, "-addext",
                "subjectAltName=DNS:*.example.com").redirectErrorStream(true).redirectOutput(work.resolve("openssl.log").toFile()).start();
        if (made.waitFor() != 0) {
            throw new IOException(Files.readString(work.resolve("openssl.log")));
        }
        backends = ports(2);
        Path log = work.resolve("backend.log");
        Children.start(0, List.of(Peer.tool("NATIVE") + "/backend", "" + backends[0], "" + backends[1]), log, Map.of());
        if (Files.isExecutable(Path.of(Peer.tool("NATIVE"), "grpc"))) {
            grpc = ports(1)[0];
            Children.start(0, List.of(Peer.tool("NATIVE") + "/grpc", "" + grpc), log, Map.of());
        } else {
            grpc = 0;
        }
    }

    /** Started when first asked for. */
    Instance of(Contestant contestant) throws IOException, InterruptedException {
        Instance instance = running.get(contestant);
        if (instance == null || !instance.alive()) {
            instance = Instance.start(contestant.peer(), site(contestant));
            running.put(contestant, instance);
        }
        return instance;
    }

    /** A place for one more process of it. */
    Site site(Contestant contestant) throws IOException {
        Path folder = Files.createDirectories(work.resolve(contestant.peer().name() + "-" + next++));
        int[] ports = ports(3);
        return new Site(folder, contestant.setup(), ports[0], ports[1], ports[2], backends, grpc, certificate, key);
    }

    /** Those that do something out of the ordinary are not needed by the next scenario. */
    void keepPlain() {
        running.entrySet().removeIf(entry -> {
            if (entry.getKey().setup().equals(Setup.PLAIN)) {
                return false;
            }
            entry.getValue().close();
            return true;
        });
    }

    Path work() {
        return work;
    }

    /** Free, and below the ports that clients are given. */
    private static int[] ports(int count) throws IOException {
        for (int attempt = 0; attempt < 200; attempt++) {
            int first = ThreadLocalRandom.current().nextInt(12_000, 32_000);
            int free = 0;
            while (free < count && free(first + free)) {
                free++;
            }
            if (free == count) {
                return java.util.stream.IntStream.range(first, first + count).toArray();
            }
        }
        throw new IOException("no free ports");
    }

    private static boolean free(int port) {
        try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
            return socket.isBound();
        } catch (IOException e) {
            return false;
        }
    }
}
