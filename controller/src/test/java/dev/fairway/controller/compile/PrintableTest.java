package dev.fairway.controller.compile;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class PrintableTest {

    @Test
    void what_a_terminal_or_a_log_would_act_on_is_escaped() {
        assertEquals(
                "\"a\\r\\n\\t\\u001b[2J\\u0000\\u2028\\u00e9\\\\\\\"\"",
                Printable.quoted("a\r\n\t\u001b[2J\u0000\u2028\u00e9\\\""));
    }

    @Test
    void three_values_stay_below_256_characters() {
        String one = Printable.quoted("x".repeat(5000));
        assertTrue(3 * one.length() <= 256, one);
        assertTrue(Printable.quoted("\u0001".repeat(5000)).length() <= one.length());
    }

    @Test
    void a_problem_code_is_a_camel_case_reason() {
        assertEquals("CertificateExpiresSoon", ProblemCode.CERTIFICATE_EXPIRES_SOON.word());
        for (ProblemCode code : ProblemCode.values()) {
            assertTrue(code.word().matches("([A-Z][a-z]+)+"), code.word());
        }
    }
}
