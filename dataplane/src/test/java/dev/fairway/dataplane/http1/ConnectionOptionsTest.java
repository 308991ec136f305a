package dev.fairway.dataplane.http1;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/** The bounds of what {@code Connection} makes us look for (attack ledger E8). */
class ConnectionOptionsTest {

    @Test
    void so_many_names_are_looked_for_and_no_more() {
        assertNull(fault("x,".repeat(32)));
        assertEquals(Fault.BAD_FIELD, fault("x,".repeat(33)));
    }

    @Test
    void empty_members_are_no_names() {
        assertNull(fault(" , ,\t,".repeat(100) + "close"));
    }

    @Test
    void a_name_is_a_token() {
        assertEquals(Fault.BAD_FIELD, fault("a b"));
        assertEquals(Fault.BAD_FIELD, fault("close, \"x\""));
    }

    private static Fault fault(String connection) {
        RequestHead head = new RequestHead();
        String text = "GET / HTTP/1.1\r\nHost: a\r\nConnection: " + connection + "\r\n\r\n";
        assertNull(
                HeadScanner.read(
                        head,
                        Unpooled.copiedBuffer(text, StandardCharsets.ISO_8859_1),
                        new HeadLimits(8192, 32768, 100)));
        return head.interpret(false);
    }
}
