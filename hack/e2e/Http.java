import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.cert.X509Certificate;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;

/** One keep-alive HTTP/1.1 connection, so plain that it hides nothing. Not thread-safe. */
final class Http implements AutoCloseable {
    private final Socket socket;
    private final InputStream in;
    private final String host;
    private boolean open = true;

    record Answer(int status, Map<String, List<String>> headers, String body) {
        String header(String name) {
            List<String> all = headers.get(name.toLowerCase(Locale.ROOT));
            return all == null ? "" : all.getFirst();
        }
    }

    private Http(Socket socket, String host) throws IOException {
        this.socket = socket;
        this.in = new BufferedInputStream(socket.getInputStream());
        this.host = host;
    }

    static Http plain(String address, int port, String host) throws IOException {
        Socket socket = new Socket();
        socket.connect(new InetSocketAddress(address, port), 5_000);
        socket.setSoTimeout(20_000);
        socket.setTcpNoDelay(true);
        return new Http(socket, host);
    }

    /** Believes any certificate: what is shown is what the test looks at. */
    static Http tls(String address, int port, String host) throws IOException {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, new TrustManager[] {new Anyone()}, null);
            Socket raw = new Socket();
            raw.connect(new InetSocketAddress(address, port), 5_000);
            raw.setSoTimeout(20_000);
            SSLSocket socket = (SSLSocket) context.getSocketFactory().createSocket(raw, host, port, true);
            SSLParameters parameters = socket.getSSLParameters();
            parameters.setServerNames(List.of(new SNIHostName(host)));
            socket.setSSLParameters(parameters);
            socket.startHandshake();
            return new Http(socket, host);
        } catch (java.security.GeneralSecurityException e) {
            throw new IOException(e);
        }
    }

    X509Certificate certificate() throws IOException {
        return (X509Certificate) ((SSLSocket) socket).getSession().getPeerCertificates()[0];
    }

    boolean open() {
        return open;
    }

    Answer get(String path, String... headers) throws IOException {
        StringBuilder head = new StringBuilder("GET " + path + " HTTP/1.1\r\nHost: " + host + "\r\n");
        for (String header : headers) {
            head.append(header).append("\r\n");
        }
        socket.getOutputStream().write(head.append("\r\n").toString().getBytes(StandardCharsets.ISO_8859_1));
        return read();
    }

    private Answer read() throws IOException {
        String line = line();
        int status = Integer.parseInt(line.substring(9, 12));
        Map<String, List<String>> headers = new LinkedHashMap<>();
        while (!(line = line()).isEmpty()) {
            int colon = line.indexOf(':');
            headers.computeIfAbsent(
                            line.substring(0, colon).toLowerCase(Locale.ROOT), n -> new java.util.ArrayList<>())
                    .add(line.substring(colon + 1).strip());
        }
        if (status >= 100 && status < 200) {
            return read();
        }
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        if (headers.containsKey("content-length")) {
            body.writeBytes(exactly(Integer.parseInt(headers.get("content-length").getFirst())));
        } else if (headers.containsKey("transfer-encoding")) {
            int size;
            while ((size = Integer.parseInt(line(), 16)) > 0) {
                body.writeBytes(exactly(size));
                line();
            }
            line();
        } else if (status != 204 && status != 304) {
            body.writeBytes(in.readAllBytes());
            open = false;
        }
        if (headers.getOrDefault("connection", List.of()).contains("close")) {
            open = false;
        }
        return new Answer(status, headers, body.toString(StandardCharsets.UTF_8));
    }

    private byte[] exactly(int length) throws IOException {
        byte[] bytes = in.readNBytes(length);
        if (bytes.length < length) {
            throw new IOException("body ends after " + bytes.length + " of " + length);
        }
        return bytes;
    }

    private String line() throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        int c;
        while ((c = in.read()) != '\n') {
            if (c < 0) {
                throw new IOException("connection ended within a head");
            }
            line.write(c);
        }
        String text = line.toString(StandardCharsets.ISO_8859_1);
        return text.endsWith("\r") ? text.substring(0, text.length() - 1) : text;
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }

    private static final class Anyone implements X509TrustManager {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type) {}

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }
}
