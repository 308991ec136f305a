package dev.fairway.echo;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the command line says.
 *
 * @param bind address to listen on, all by default
 * @param port 0 means: any free one
 * @param http2Port speaks HTTP/2 by prior knowledge, with a certificate by ALPN; 0: none
 * @param name told in every answer
 * @param pod the host's name, which in a pod is the pod's
 * @param certificate PEM chain; with {@code key} it makes the port speak TLS
 * @param key PEM private key, PKCS#8
 * @param linger how long SIGTERM goes unnoticed (a backend that is slow to leave)
 * @param grace how long requests in flight may take after that
 */
record Settings(
        String bind,
        int port,
        int http2Port,
        String name,
        String pod,
        @Nullable Path certificate,
        @Nullable Path key,
        Duration linger,
        Duration grace) {

    static final String USAGE =
            "usage: --port=N [--http2-port=N] [--bind=ADDRESS] [--name=TEXT] [--tls-cert=PEM --tls-key=PEM] [--linger=SECONDS] [--grace=SECONDS]";

    Settings {
        if ((certificate == null) != (key == null)) {
            throw new IllegalArgumentException("--tls-cert and --tls-key go together");
        }
        if (port < 0 || port > 65535) {
            throw new IllegalArgumentException("--port must be 0 to 65535, not " + port);
        }
    }

    static Settings parse(String[] args, Map<String, String> environment) {
        var pod = environment.getOrDefault("HOSTNAME", "localhost");
        var bind = "0.0.0.0";
        var name = environment.getOrDefault("NAME", pod);
        int port = 8080;
        int http2Port = 0;
        int linger = 0;
        int grace = 30;
        Path certificate = null;
        Path key = null;
        for (var arg : args) {
            int equals = arg.indexOf('=');
            if (equals < 0) {
                throw new IllegalArgumentException("not --name=value: " + arg);
            }
            var value = arg.substring(equals + 1);
            switch (arg.substring(0, equals)) {
                case "--bind" -> bind = value;
                case "--port" -> port = number(arg, value);
                case "--http2-port" -> http2Port = number(arg, value);
                case "--name" -> name = value;
                case "--tls-cert" -> certificate = Path.of(value);
                case "--tls-key" -> key = Path.of(value);
                case "--linger" -> linger = number(arg, value);
                case "--grace" -> grace = number(arg, value);
                default -> throw new IllegalArgumentException("unknown flag " + arg);
            }
        }
        return new Settings(
                bind,
                port,
                http2Port,
                name,
                pod,
                certificate,
                key,
                Duration.ofSeconds(linger),
                Duration.ofSeconds(grace));
    }

    private static int number(String arg, String value) {
        try {
            return Integer.parseInt(value);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("not a number: " + arg);
        }
    }
}
