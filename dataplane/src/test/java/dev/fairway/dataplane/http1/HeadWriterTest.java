package dev.fairway.dataplane.http1;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Attack ledger B22: whatever a policy made of a client's words, one field stays one field. */
class HeadWriterTest {
    private final HeadWriter out = new HeadWriter().begin();

    @ParameterizedTest
    @ValueSource(strings = {"a\r\nX: 1", "a\nX", "a\r", "\0", "\u007f", "\u0100", "a\u000bb"})
    void a_value_that_can_not_stand_in_a_head_is_refused(String value) {
        assertThrows(IllegalArgumentException.class, () -> out.field("Location", value));
        assertEquals(0, out.length());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a b", "a:", "a\r\nb", "\u00e9", "(a)"})
    void a_name_that_is_no_token_is_refused(String name) {
        assertThrows(IllegalArgumentException.class, () -> out.field(name, "1"));
        assertEquals(0, out.length());
    }

    @Test
    void everything_else_is_written_as_it_is() {
        out.field("X-A", "\u00e9\t~ b");
        assertEquals(
                "X-A: \u00e9\t~ b\r\n",
                new String(out.bytes(), 0, out.length(), StandardCharsets.ISO_8859_1));
    }
}
