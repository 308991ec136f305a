package dev.fairway.controller.observe;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.time.Instant;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import org.junit.jupiter.api.Test;

class LogFormatTest {

    @Test
    void a_record_is_one_line_whatever_is_in_it() {
        LogRecord entry = new LogRecord(Level.WARNING, "a\r\nb\u001b[31m\u2028\u0000c");
        entry.setLoggerName("dev.fairway.controller.Some");
        entry.setInstant(Instant.parse("2026-06-01T12:00:00.5Z"));
        assertEquals(
                "2026-06-01T12:00:00.500Z WARN  Some: a\\u000d\\u000ab\\u001b[31m\\u2028\\u0000c\n",
                new LogFormat().format(entry));
    }

    @Test
    void a_stack_trace_stays_on_its_line() {
        LogRecord entry = new LogRecord(Level.SEVERE, "failed");
        entry.setLoggerName("x");
        entry.setThrown(new IllegalStateException("one\ntwo"));
        String line = new LogFormat().format(entry);
        assertFalse(line.substring(0, line.length() - 1).contains("\n"), line);
    }
}
