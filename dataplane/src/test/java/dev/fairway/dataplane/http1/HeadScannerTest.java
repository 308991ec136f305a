package dev.fairway.dataplane.http1;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/** What the wire tests can't tell apart: at which byte a head is refused (attack ledger B24). */
class HeadScannerTest {
    private static final HeadLimits LIMITS = new HeadLimits(100, 1000, 3);
    private static final String START = "GET / HTTP/1.1\r\n";

    @Test
    void a_line_that_never_ends_is_refused_at_its_bound() {
        String begun = START + "X: ";
        assertNull(fault(begun + "a".repeat(LIMITS.lineBytes() - 3)));
        assertNull(fault(begun + "a".repeat(LIMITS.lineBytes() - 3) + "\r"));
        assertEquals(Fault.FIELD_TOO_LONG, fault(begun + "a".repeat(LIMITS.lineBytes() - 1)));
        assertEquals(Fault.LINE_TOO_LONG, fault("GET /" + "a".repeat(LIMITS.lineBytes())));
    }

    @Test
    void a_line_of_just_the_bound_passes() {
        String line = "X: " + "a".repeat(LIMITS.lineBytes() - 3) + "\r\n";
        assertNull(fault(START + line + "\r\n"));
        assertEquals(Fault.FIELD_TOO_LONG, fault(START + "a" + line + "\r\n"));
    }

    @Test
    void fields_are_counted_as_they_come() {
        assertNull(fault(START + "X: 1\r\n".repeat(LIMITS.fields()) + "\r\n"));
        assertEquals(Fault.TOO_MANY_FIELDS, fault(START + "X: 1\r\n".repeat(LIMITS.fields() + 1)));
    }

    @Test
    void lines_that_are_short_make_a_head_that_is_too_large() {
        HeadLimits many = new HeadLimits(100, 1000, 1000);
        RequestHead head = new RequestHead();
        assertEquals(
                Fault.HEAD_TOO_LARGE,
                HeadScanner.read(head, bytes(START + "X: 1\r\n".repeat(200)), many));
        assertTrue(head.length() <= many.headBytes(), head.length() + " bytes were kept");
    }

    @Test
    void what_follows_a_head_stays_where_it_is() {
        ByteBuf in = bytes(START + "Host: a\r\n\r\nrest");
        RequestHead head = new RequestHead();
        assertNull(HeadScanner.read(head, in, LIMITS));
        assertTrue(head.complete());
        assertEquals("rest", in.toString(StandardCharsets.ISO_8859_1));
    }

    private static Fault fault(String text) {
        return HeadScanner.read(new RequestHead(), bytes(text), LIMITS);
    }

    private static ByteBuf bytes(String text) {
        return Unpooled.copiedBuffer(text, StandardCharsets.ISO_8859_1);
    }
}
