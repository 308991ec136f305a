package dev.fairway.dataplane;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.logging.ConsoleHandler;
import java.util.logging.Formatter;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/** One line for each event, on standard error: time, level, who, what. */
final class LogLine extends Formatter {

    /** Replaces whatever java.util.logging was configured to do. */
    static void install() {
        Logger root = Logger.getLogger("");
        for (Handler handler : root.getHandlers()) {
            root.removeHandler(handler);
        }
        ConsoleHandler handler = new ConsoleHandler();
        handler.setFormatter(new LogLine());
        handler.setLevel(Level.ALL);
        root.addHandler(handler);
        root.setLevel(Level.INFO);
        Logger.getLogger("io.netty").setLevel(Level.WARNING);
        Logger.getLogger("jdk.event.security").setLevel(Level.OFF);
    }

    @Override
    public String format(LogRecord record) {
        StringBuilder line = new StringBuilder(160);
        line.append(Instant.ofEpochMilli(record.getMillis()).truncatedTo(ChronoUnit.MILLIS));
        line.append(' ').append(level(record.getLevel())).append(' ');
        line.append(who(record.getLoggerName())).append(": ");
        printable(formatMessage(record), line);
        line.append('\n');
        Throwable thrown = record.getThrown();
        if (thrown != null) {
            StringWriter trace = new StringWriter();
            thrown.printStackTrace(new PrintWriter(trace));
            line.append(trace);
        }
        return line.toString();
    }

    private static String level(Level level) {
        if (level.intValue() >= Level.SEVERE.intValue()) {
            return "ERROR";
        }
        if (level.intValue() >= Level.WARNING.intValue()) {
            return "WARN ";
        }
        return level.intValue() >= Level.INFO.intValue() ? "INFO " : "DEBUG";
    }

    /** The last two words of the logger's name: package and type. */
    private static String who(String name) {
        int last = name.lastIndexOf('.');
        String rest = last < 0 ? name : name.substring(name.lastIndexOf('.', last - 1) + 1);
        return rest.isEmpty() ? "main" : rest;
    }

    /** Texts from elsewhere must not make lines of their own. */
    private static void printable(String text, StringBuilder line) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            line.append(c < ' ' || c == 0x7f || c == '\u2028' || c == '\u2029' ? '?' : c);
        }
    }
}
