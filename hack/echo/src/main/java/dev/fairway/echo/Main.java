package dev.fairway.echo;

import java.io.IOException;
import java.security.GeneralSecurityException;

/** Reads the flags, serves until SIGTERM, then lets requests in flight finish. */
public final class Main {
    private Main() {}

    public static void main(String[] args) throws IOException, GeneralSecurityException {
        Settings settings;
        try {
            settings = Settings.parse(args, System.getenv());
        } catch (IllegalArgumentException e) {
            System.err.println("echo: " + e.getMessage());
            System.err.println(Settings.USAGE);
            System.exit(2);
            return;
        }
        var server = EchoServer.start(settings);
        Runtime.getRuntime().addShutdownHook(new Thread(server::drain, "drain"));
        System.out.println("echo " + settings.name() + " on " + server.address());
        server.join();
    }
}
