package dev.fairway.controller.observe;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.logging.ConsoleHandler;
import java.util.logging.Formatter;
import java.util.logging.Level;
import java.util.logging.LogManager;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/**
 * One line a record: {@code time level logger: text}. Control characters are escaped, so that no
 * text from a cluster object can forge a line or drive a terminal (attack A17).
 */
public final class LogFormat extends Formatter {

    /** Libraries that print a stack trace for what their callers say in one line. */
    private static final List<String> SILENT =
            List.of(
                    "io.fabric8.kubernetes.client.informers.impl.cache.Reflector",
                    "io.fabric8.kubernetes.client.jdkhttp.JdkWebSocketImpl",
                    "io.fabric8.kubernetes.client.dsl.internal.WatchConnectionManager",
                    "io.fabric8.kubernetes.client.dsl.internal.VersionUsageUtils");

    /** Libraries whose news are none to whoever runs us. */
    private static final List<String> QUIET =
            List.of("io.javaoperatorsdk", "Default ConfigurationService implementation");

    /** Loggers are held, or their settings are lost with the next collection. */
    private static final List<Logger> held = new ArrayList<>();

    /** Makes this the process's format, on standard error. */
    public static void install() {
        LogManager.getLogManager().reset();
        Logger logger = Logger.getLogger("");
        ConsoleHandler handler = new ConsoleHandler();
        handler.setFormatter(new LogFormat());
        logger.addHandler(handler);
        logger.setLevel(Level.INFO);
        held.add(logger);
        SILENT.forEach(name -> level(name, Level.OFF));
        QUIET.forEach(name -> level(name, Level.WARNING));
    }

    private static void level(String name, Level level) {
        Logger library = Logger.getLogger(name);
        library.setLevel(level);
        held.add(library);
    }

    @Override
    public String format(LogRecord entry) {
        StringBuilder line = new StringBuilder(128);
        line.append(Instant.ofEpochMilli(entry.getMillis()).truncatedTo(ChronoUnit.MILLIS));
        line.append(' ').append(level(entry.getLevel())).append(' ');
        String name = String.valueOf(entry.getLoggerName());
        line.append(name, name.lastIndexOf('.') + 1, name.length()).append(": ");
        escape(formatMessage(entry), line);
        if (entry.getThrown() != null) {
            StringWriter trace = new StringWriter();
            entry.getThrown().printStackTrace(new PrintWriter(trace));
            line.append(" | ");
            escape(trace.toString().strip().replace("\n\t", " ; "), line);
        }
        return line.append('\n').toString();
    }

    /** Appends with every control and line-breaking character as {@code \\uXXXX}. */
    static void escape(String text, StringBuilder out) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (Character.isISOControl(c) || c == '\u2028' || c == '\u2029') {
                out.append(String.format("\\u%04x", (int) c));
            } else {
                out.append(c);
            }
        }
    }

    private static String level(Level level) {
        return level.intValue() >= Level.SEVERE.intValue()
                ? "ERROR"
                : level.intValue() >= Level.WARNING.intValue()
                        ? "WARN "
                        : level.intValue() >= Level.INFO.intValue() ? "INFO " : "DEBUG";
    }
}
