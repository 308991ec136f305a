import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;

/** A process of its own, so that its cost can be told from the target's: one thread, one selector, many connections. */
final class Attacker {
    /** At most 500 of one address, so that it is not the cap for each address that ends the attack. */
    private static final int OF_ONE_ADDRESS = 500;

    private static final int FIRST_ADDRESS = 2;

    /** The address that the target believes about others; only rate-keys has it. */
    private static final int TRUSTED_ADDRESS = 250;

    private static final int OPENED_AT_ONCE = 64;

    private final Plan plan;
    private final int port;
    private final Selector selector = Selector.open();
    private final ByteBuffer sink = ByteBuffer.allocateDirect(256 * 1024);
    private final ArrayDeque<Connection> waiting = new ArrayDeque<>();
    private final byte[] first;
    private final Random random = new Random(7);
    private int open;
    private long opened;

    private static final class Connection {
        SocketChannel channel;
        SelectionKey key;
        ByteBuffer out;
        Frames frames;
        boolean answered;
        long due;
    }

    private Attacker(Plan plan, int port) throws Exception {
        this.plan = plan;
        this.port = port;
        this.first = plan.name().equals("handshakes") ? clientHello() : plan.first();
    }

    /** Once its JVM is up, so that this is not what honest clients wait for. */
    static Process start(Plan plan, Target target, int seconds) throws IOException {
        Process attacker = new ProcessBuilder(List.of(System.getenv("ATTACK_JAVA"), "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xmx256m",
                System.getenv("ATTACK_ROOT") + "/hack/attack.d/Attack.java", "--attacker", plan.name(), "" + (plan.tls() ? target.https() : target.http()), "" + seconds))
                .redirectError(ProcessBuilder.Redirect.INHERIT).start();
        for (int b = attacker.getInputStream().read(); b != '\n' && b >= 0; ) {
            b = attacker.getInputStream().read();
        }
        return attacker;
    }

    static void go(Process attacker) throws IOException {
        attacker.getOutputStream().write('\n');
        attacker.getOutputStream().flush();
    }

    /** When it has ended: what its own thread cost. */
    static double cpuSeconds(Process attacker) throws Exception {
        String said = new String(attacker.getInputStream().readAllBytes(), StandardCharsets.US_ASCII).strip();
        if (!attacker.waitFor(30, TimeUnit.SECONDS)) {
            attacker.destroyForcibly();
        }
        String[] words = said.split(" ");
        if (words.length != 2) {
            throw new IOException("the attacker failed: " + said);
        }
        return Double.parseDouble(words[0]);
    }

    static void main(String[] arguments) throws Exception {
        Attacker attacker = new Attacker(Plan.ALL.get(arguments[1]), Integer.parseInt(arguments[2]));
        ThreadMXBean threads = ManagementFactory.getThreadMXBean();
        System.out.println("ready");
        System.out.flush();
        System.in.read();
        long before = threads.getCurrentThreadCpuTime();
        attacker.run(System.nanoTime() + Integer.parseInt(arguments[3]) * 1_000_000_000L);
        System.out.println((threads.getCurrentThreadCpuTime() - before) / 1e9 + " " + attacker.opened);
        System.out.flush();
        Runtime.getRuntime().halt(0);
    }

    private void run(long until) throws IOException {
        while (System.nanoTime() < until) {
            for (int i = 0; i < OPENED_AT_ONCE && open < plan.connections(); i++) {
                if (!connect()) {
                    break;
                }
            }
            drip();
            selector.select(10);
            for (SelectionKey key : selector.selectedKeys()) {
                Connection connection = (Connection) key.attachment();
                try {
                    ready(connection);
                } catch (IOException e) {
                    end(connection);
                }
            }
            selector.selectedKeys().clear();
        }
    }

    private boolean connect() {
        Connection connection = new Connection();
        try {
            connection.channel = SocketChannel.open();
            connection.channel.configureBlocking(false);
            connection.channel.setOption(StandardSocketOptions.SO_REUSEADDR, true);
            if (!plan.reads()) {
                connection.channel.setOption(StandardSocketOptions.SO_RCVBUF, 4096);
            }
            connection.channel.bind(new InetSocketAddress("127.0.0." + address(), 0));
            open++;
            opened++;
            connection.key = connection.channel.register(selector, SelectionKey.OP_CONNECT, connection);
            if (connection.channel.connect(new InetSocketAddress("127.0.0.1", port))) {
                connected(connection);
            }
            return true;
        } catch (IOException e) {
            end(connection);
            return false;
        }
    }

    private int address() {
        if (plan.name().equals("rate-keys")) {
            return TRUSTED_ADDRESS;
        }
        int addresses = Math.max(4, plan.connections() / OF_ONE_ADDRESS + 1);
        return FIRST_ADDRESS + (int) (opened % addresses);
    }

    private void ready(Connection connection) throws IOException {
        if (!connection.key.isValid()) {
            return;
        }
        if (connection.key.isConnectable()) {
            connection.channel.finishConnect();
            connected(connection);
            return;
        }
        if (connection.key.isReadable() && read(connection)) {
            return;
        }
        if (connection.key.isValid() && connection.key.isWritable()) {
            write(connection);
        }
    }

    private void connected(Connection connection) throws IOException {
        connection.out = first == null ? null : ByteBuffer.wrap(first);
        if (plan.h2()) {
            connection.frames = new Frames(plan.name());
            connection.out = ByteBuffer.wrap(connection.frames.first());
        }
        connection.due = System.nanoTime() + plan.everyMillis() * 1_000_000L;
        connection.key.interestOps(plan.reads() ? SelectionKey.OP_READ : 0);
        write(connection);
        waiting.addLast(connection);
    }

    /** Whether that was its end. */
    private boolean read(Connection connection) throws IOException {
        sink.clear();
        int size = connection.channel.read(sink);
        if (size < 0 || (plan.end() == Plan.End.ANSWERED && size > 0)) {
            end(connection);
            return true;
        }
        return false;
    }

    private void write(Connection connection) throws IOException {
        boolean endless = (plan.again() != null && plan.everyMillis() == 0) || plan.name().equals("rate-keys") || plan.h2();
        for (int i = 0; i < 4; i++) {
            if (connection.out == null || !connection.out.hasRemaining()) {
                if (!endless) {
                    break;
                }
                connection.out = ByteBuffer.wrap(plan.again() != null ? plan.again() : plan.h2() ? connection.frames.more() : keyed());
            }
            if (!connection.out.hasRemaining()) {
                endless = false; // it has said what it had to say
                break;
            }
            connection.channel.write(connection.out);
            if (connection.out.hasRemaining()) {
                break;
            }
        }
        boolean more = endless || (connection.out != null && connection.out.hasRemaining());
        connection.key.interestOps((plan.reads() ? SelectionKey.OP_READ : 0) | (more ? SelectionKey.OP_WRITE : 0));
        if (!more && plan.end() == Plan.End.RESET) {
            connection.channel.setOption(StandardSocketOptions.SO_LINGER, 0);
            end(connection);
        } else if (!more && plan.end() == Plan.End.HALF) {
            connection.channel.shutdownOutput();
        }
    }

    private byte[] keyed() {
        StringBuilder requests = new StringBuilder();
        for (int i = 0; i < 50; i++) {
            int n = random.nextInt();
            requests.append("GET / HTTP/1.1\r\nHost: limited.test\r\nX-Forwarded-For: ").append(n >>> 24).append('.').append(n >>> 16 & 255).append('.')
                    .append(n >>> 8 & 255).append('.').append(n & 255).append("\r\n\r\n");
        }
        return requests.toString().getBytes(StandardCharsets.US_ASCII);
    }

    /** The next byte on those that are due, the one that waited longest first. */
    private void drip() {
        if (plan.everyMillis() == 0) {
            waiting.clear();
            return;
        }
        long now = System.nanoTime();
        for (Connection next = waiting.peekFirst(); next != null && next.due <= now; next = waiting.peekFirst()) {
            waiting.removeFirst();
            if (next.channel.isOpen()) {
                next.due = now + plan.everyMillis() * 1_000_000L;
                waiting.addLast(next);
                try {
                    next.channel.write(ByteBuffer.wrap(plan.again()));
                } catch (IOException e) {
                    end(next);
                }
            }
        }
    }

    private void end(Connection connection) {
        try {
            if (connection.channel != null && connection.channel.isOpen()) {
                open--;
                connection.channel.close();
            }
        } catch (IOException e) {
            // gone all the more
        }
    }

    /** One that any server answers with its certificate and a signature; it costs the attacker nothing to send it again. */
    private static byte[] clientHello() throws Exception {
        SSLEngine engine = SSLContext.getDefault().createSSLEngine("a.test", 443);
        engine.setUseClientMode(true);
        SSLParameters parameters = engine.getSSLParameters();
        parameters.setServerNames(List.of(new SNIHostName("a.test")));
        engine.setSSLParameters(parameters);
        ByteBuffer hello = ByteBuffer.allocate(engine.getSession().getPacketBufferSize());
        engine.wrap(ByteBuffer.allocate(0), hello);
        hello.flip();
        byte[] bytes = new byte[hello.remaining()];
        hello.get(bytes);
        return bytes;
    }
}
