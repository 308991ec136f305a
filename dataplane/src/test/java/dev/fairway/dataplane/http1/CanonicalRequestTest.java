package dev.fairway.dataplane.http1;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import dev.fairway.dataplane.message.Header;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class CanonicalRequestTest {

    @Test
    void the_fields_are_those_that_count_in_order_with_lower_case_names() {
        CanonicalRequest request =
                read(
                        "GET / HTTP/1.1\r\nHost: a\r\nCookie: x=1\r\nX_Dropped: 1\r\nX-A:  1 \r\n"
                                + "x-a: 2\r\n\r\n");
        assertEquals(
                List.of(
                        new Header("host", "a"),
                        new Header("cookie", "x=1"),
                        new Header("x-a", "1"),
                        new Header("x-a", "2")),
                request.fields());
    }

    private static CanonicalRequest read(String text) {
        ByteBuf in = Unpooled.copiedBuffer(text, StandardCharsets.ISO_8859_1);
        RequestHead head = new RequestHead();
        assertNull(HeadScanner.read(head, in, new HeadLimits(8192, 32768, 100)));
        assertNull(head.interpret(false));
        return head.canonical();
    }
}
