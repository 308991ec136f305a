import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.Collections;
import java.util.HexFormat;
import org.apache.catalina.Context;
import org.apache.catalina.connector.Connector;
import org.apache.catalina.startup.Tomcat;

/** What Tomcat saw of a request, as lines of hex. Run by hack/differential. */
final class TomcatServer {
    private TomcatServer() {}

    public static void main(String[] arguments) throws Exception {
        File base = Files.createTempDirectory("fairway-tomcat").toFile();
        base.deleteOnExit();
        Tomcat tomcat = new Tomcat();
        tomcat.setBaseDir(base.getPath());
        Connector connector = new Connector("HTTP/1.1");
        connector.setProperty("address", "127.0.0.1");
        // As many requests as there are messages: it would close a connection after its hundredth.
        connector.setProperty("maxKeepAliveRequests", "-1");
        connector.setPort(Integer.parseInt(arguments[0]));
        connector.setEncodedSolidusHandling("passthrough");
        tomcat.setConnector(connector);
        Context context = tomcat.addContext("", base.getPath());
        Tomcat.addServlet(context, "report", new HttpServlet() {
            @Override
            protected void service(HttpServletRequest request, HttpServletResponse response) throws IOException {
                byte[] body = request.getInputStream().readAllBytes();
                String target = request.getRequestURI() + (request.getQueryString() == null ? "" : "?" + request.getQueryString());
                StringBuilder report = new StringBuilder("m " + hex(request.getMethod()) + "\nt " + hex(target) + "\n");
                for (String name : Collections.list(request.getHeaderNames())) {
                    for (String value : Collections.list(request.getHeaders(name))) {
                        report.append("h ").append(hex(name)).append(' ').append(hex(value)).append('\n');
                    }
                }
                report.append("b ").append(HexFormat.of().formatHex(body)).append('\n');
                byte[] out = report.toString().getBytes(StandardCharsets.US_ASCII);
                if (request.getMethod().equals("HEAD")) {
                    response.setHeader("X-Report", HexFormat.of().formatHex(out));
                }
                response.setContentLength(out.length);
                response.getOutputStream().write(out);
            }
        });
        context.addServletMappingDecoded("/", "report");
        tomcat.start();
        tomcat.getServer().await();
    }

    private static String hex(String text) {
        return HexFormat.of().formatHex(text.getBytes(StandardCharsets.ISO_8859_1));
    }
}
