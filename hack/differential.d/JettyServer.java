import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.Callback;

/** What Jetty saw of a request, as lines of hex. Run by hack/differential. */
final class JettyServer {
    private JettyServer() {}

    public static void main(String[] arguments) throws Exception {
        Server server = new Server();
        ServerConnector connector = new ServerConnector(server, 1, 1);
        connector.setHost("127.0.0.1");
        connector.setPort(Integer.parseInt(arguments[0]));
        server.addConnector(connector);
        server.setHandler(new Handler.Abstract() {
            @Override
            public boolean handle(Request request, Response response, Callback callback) throws Exception {
                ByteBuffer body = Content.Source.asByteBuffer(request);
                byte[] bytes = new byte[body.remaining()];
                body.get(bytes);
                StringBuilder report = new StringBuilder("m " + hex(request.getMethod()) + "\nt " + hex(request.getHttpURI().getPathQuery()) + "\n");
                for (HttpField field : request.getHeaders()) {
                    report.append("h ").append(hex(field.getName())).append(' ').append(hex(field.getValue() == null ? "" : field.getValue())).append('\n');
                }
                report.append("b ").append(HexFormat.of().formatHex(bytes)).append('\n');
                byte[] out = report.toString().getBytes(StandardCharsets.US_ASCII);
                if (request.getMethod().equals("HEAD")) {
                    response.getHeaders().put("X-Report", HexFormat.of().formatHex(out));
                }
                response.getHeaders().put(HttpHeader.CONTENT_LENGTH, out.length);
                response.write(true, ByteBuffer.wrap(out), callback);
                return true;
            }
        });
        server.start();
        server.join();
    }

    private static String hex(String text) {
        return HexFormat.of().formatHex(text.getBytes(StandardCharsets.ISO_8859_1));
    }
}
