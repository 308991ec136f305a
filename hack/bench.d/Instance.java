import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** A running proxy, alone on its core but for the other proxies, which sleep. */
final class Instance implements AutoCloseable {
    static final int CORE = 1;
    private final Site site;
    private final Process process;

    private Instance(Site site, Process process) {
        this.site = site;
        this.process = process;
    }

    static Instance start(Peer peer, Site site) throws IOException, InterruptedException {
        return launch(peer.name(), peer.command(site), site);
    }

    /** Returns with the first answer of a backend through the proxy. */
    static Instance launch(String name, List<String> command, Site site) throws IOException, InterruptedException {
        Path log = site.folder().resolve("output.log");
        Process process = Children.start(CORE, command, log, Map.of());
        long end = System.nanoTime() + 60_000_000_000L;
        while (System.nanoTime() < end && process.isAlive()) {
            if (answers(site)) {
                return new Instance(site, process);
            }
            Thread.sleep(1);
        }
        Children.end(process);
        String said = Files.readString(log);
        throw new IOException("did not start: " + said.substring(Math.max(0, said.length() - 600)).replaceAll("\\s+", " "));
    }

    private static boolean answers(Site site) {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress("127.0.0.1", site.http()), 200);
            socket.setSoTimeout(2_000);
            socket.getOutputStream().write(("GET /svc5/128 HTTP/1.1\r\nHost: " + site.setup().host(0) + "\r\nConnection: close\r\n\r\n").getBytes(StandardCharsets.US_ASCII));
            return new String(socket.getInputStream().readNBytes(12), StandardCharsets.US_ASCII).equals("HTTP/1.1 200");
        } catch (IOException e) {
            return false;
        }
    }

    Site site() {
        return site;
    }

    boolean alive() {
        return process.isAlive();
    }

    long ticks() {
        return Machine.tree(process.toHandle());
    }

    long residentKib() {
        return Machine.resident(process.toHandle());
    }

    @Override
    public void close() {
        Children.end(process);
    }
}
