package dev.fairway.controller;

import dev.fairway.controller.ControllerSettings.Parsed;
import dev.fairway.controller.observe.LogFormat;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The process: reads the command line, runs one {@link Controller}, ends it on SIGTERM. Exit codes:
 * 0 asked to end; 1 a part died or another replica leads, start me again; 2 the command line is
 * wrong.
 */
public final class Main {
    private Main() {}

    /** Less than the 30 s a pod gets. */
    private static final Duration GRACE = Duration.ofSeconds(20);

    public static void main(String[] args) {
        LogFormat.install();
        switch (ControllerSettings.parse(System.getenv(), args)) {
            case Parsed.Help help -> System.out.print(help.text());
            case Parsed.Wrong wrong -> {
                System.err.println("Fairway controller: the command line is wrong:");
                wrong.errors().forEach(error -> System.err.println("  " + error));
                System.exit(2);
            }
            case Parsed.Run run -> run(run.settings());
        }
    }

    private static void run(ControllerSettings settings) {
        Logger log = LoggerFactory.getLogger(Main.class);
        AtomicBoolean ending = new AtomicBoolean();
        Controller controller;
        try {
            controller =
                    Controller.of(
                            settings,
                            why -> {
                                if (ending.compareAndSet(false, true)) {
                                    log.error("Ending, to start anew: {}", why);
                                    // halt: nothing of a lost term may be written on the way out
                                    Runtime.getRuntime().halt(1);
                                }
                            });
            Runtime.getRuntime()
                    .addShutdownHook(
                            Thread.ofPlatform()
                                    .name("shutdown")
                                    .unstarted(() -> {
                                        if (ending.compareAndSet(false, true)) {
                                            log.info("Ending");
                                            controller.close();
                                            // the JVM's own answer to SIGTERM is 143
                                            Runtime.getRuntime().halt(0);
                                        }
                                    }));
            controller.start();
        } catch (IOException | RuntimeException e) {
            log.error("Can't start: {}", reasons(e));
            System.exit(1);
        }
    }

    /** An API server that doesn't answer must not cost us our grace period. */
    private static void closeInTime(Controller controller) {
        Thread closing = Thread.ofVirtual().start(controller::close);
        try {
            closing.join(GRACE);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** The messages of an exception and its causes, outermost first: no stack of ours helps here. */
    private static String reasons(Throwable failure) {
        StringBuilder text = new StringBuilder(String.valueOf(failure.getMessage()));
        for (Throwable cause = failure.getCause(); cause != null; cause = cause.getCause()) {
            text.append(": ").append(cause.getMessage());
        }
        return text.toString();
    }
}
