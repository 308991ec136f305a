package dev.fairway.dataplane.route;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fairway.contract.PathMatch;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PathPatternTest {

    @ParameterizedTest
    @CsvSource({
        "/api/v1/.*, /api/v1/",
        "^/api, /api",
        "/a\\.b\\-c, /a.b-c",
        "/abc?, /ab",
        "/abc*, /ab",
        "/abc{0}, /ab",
        "/abc+, /ab",
        "/a|/b, ''",
        "/a(b|c), ''",
        "(?i)/a, ''",
        "/a\\d, /a",
        "^*a, ''",
    })
    void the_literal_prefix_is_what_every_match_begins_with(String pattern, String expected) {
        assertEquals(expected, PathPattern.literalPrefix(pattern));
    }

    @Test
    void letters_that_fold_onto_ascii_are_left_to_the_automaton() {
        PathPattern pattern = PathPattern.of(new PathMatch.Regex("/k", true));
        byte[] kelvin = "/\u212A".getBytes(StandardCharsets.UTF_8);
        assertTrue(pattern.matches(kelvin, kelvin.length));
        byte[] other = "/\u00e9".getBytes(StandardCharsets.UTF_8);
        assertFalse(pattern.matches(other, other.length));
    }

    @Test
    void captures_are_the_groups_with_absent_ones_empty() {
        PathPattern pattern = PathPattern.of(new PathMatch.Regex("/a(/|$)(b)?(.*)", false));
        String[] groups = pattern.captures("/a/xyz");
        assertArrayEquals(new String[] {"/a/xyz", "/", "", "xyz", "", "", "", "", "", ""}, groups);
        assertNull(pattern.captures("/b"));
    }
}
