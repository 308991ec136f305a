package dev.fairway.dataplane;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sun.misc.Signal;

/**
 * The data plane's process. Exit codes: 0 after a drain, 1 when it can't run (a port is taken), 2 for
 * wrong settings.
 */
public final class Main {
    private Main() {}

    private static final Logger log = LoggerFactory.getLogger(Main.class);
    private static final int CAN_NOT_RUN = 1;
    private static final int WRONG_SETTINGS = 2;

    /** Why the process ends. */
    private sealed interface End {
        record Asked() implements End {}

        record Broken(String reason) implements End {}
    }

    public static void main(String[] arguments) {
        switch (ProcessSettings.parse(arguments, System.getenv(), Machine.here())) {
            case ProcessSettings.Parsed.Help() -> System.out.print(ProcessSettings.HELP);
            case ProcessSettings.Parsed.Wrong(var errors) -> {
                errors.forEach(error -> System.err.println("fairway-dataplane: " + error));
                System.err.println("fairway-dataplane: --help lists the flags");
                System.exit(WRONG_SETTINGS);
            }
            case ProcessSettings.Parsed.Ready(var settings) -> System.exit(run(settings));
        }
    }

    /** Before Netty's classes read it. Sampling every 128th buffer costs 4 % of a request; the tests sample all. */
    private static void setUnlessSaid(String property, String value) {
        if (System.getProperty(property) == null) {
            System.setProperty(property, value);
        }
    }

    private static int run(ProcessSettings settings) {
        LogLine.install();
        setUnlessSaid("io.netty.leakDetection.level", "disabled");
        CompletableFuture<End> end = new CompletableFuture<>();
        // A shutdown hook would leave code 143 and race the logging's own.
        for (String name : new String[] {"TERM", "INT"}) {
            Signal.handle(
                    new Signal(name),
                    signal -> {
                        if (!end.complete(new End.Asked())) {
                            // Asked twice: at once.
                            Runtime.getRuntime().halt(CAN_NOT_RUN);
                        }
                    });
        }
        try (Gateway gateway =
                new Gateway(
                        settings,
                        new FileOutputStream(FileDescriptor.out),
                        reason -> end.complete(new End.Broken(reason)))) {
            gateway.start();
            return switch (end.join()) {
                case End.Asked() -> {
                    gateway.drain();
                    yield 0;
                }
                case End.Broken(String reason) -> {
                    System.err.println("fairway-dataplane: " + reason);
                    yield CAN_NOT_RUN;
                }
            };
        } catch (IOException e) {
            System.err.println("fairway-dataplane: " + e.getMessage());
            return CAN_NOT_RUN;
        } catch (RuntimeException e) {
            // Returned, not thrown: event loops would keep the process alive without its wiring.
            log.error("the data plane could not be started", e);
            return CAN_NOT_RUN;
        }
    }
}
