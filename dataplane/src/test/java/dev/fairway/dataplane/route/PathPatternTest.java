package dev.fairway.dataplane.route;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fairway.contract.PathMatch;
import java.nio.charset.StandardCharsets;
import java.util.Random;
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
        "/a(b|c), /a",
        "/app(/|$)(.*), /app",
        "/v[0-9]+(/|$), /v",
        "/x[(]|/y, ''",
        "/x[]|]y, /x",
        "/x[^]|(]|y, ''",
        "/x[[:alpha:]]|y, ''",
        "/a\\(|/b, ''",
        "/\\Qa(\\E|/b, ''",
        "(?i)/a, ''",
        "/a\\d, /a",
        "^*a, ''",
    })
    void the_literal_prefix_is_what_every_match_begins_with(String pattern, String expected) {
        assertEquals(expected, PathPattern.literalPrefix(pattern));
    }

    @Test
    void the_prefilter_never_rules_out_what_the_automaton_matches() {
        String[] tokens = {
            "/", "a", "b", "k", "|", "(", ")", "[", "]", "^", "$", "*", "+", "?", ".", "\\(", "\\[",
            "\\|", "\\\\", "[]|]", "[^(]", "(?:", "(?i)", "\\Q", "\\E", "{0,1}", "\\b"
        };
        Random random = new Random(11);
        int compared = 0;
        while (compared < 20_000) {
            StringBuilder text = new StringBuilder(random.nextBoolean() ? "/" : "");
            for (int i = random.nextInt(9); i >= 0; i--) {
                text.append(tokens[random.nextInt(tokens.length)]);
            }
            boolean insensitive = random.nextBoolean();
            PathPattern pattern;
            try {
                pattern = PathPattern.of(new PathMatch.Regex(text.toString(), insensitive));
            } catch (IllegalArgumentException _) {
                continue; // not RE2
            }
            compared++;
            for (int i = 0; i < 20; i++) {
                StringBuilder path = new StringBuilder();
                for (int j = random.nextInt(5); j >= 0; j--) {
                    path.append("/abkKA(|[]\\".charAt(random.nextInt(11)));
                }
                byte[] bytes = path.toString().getBytes(StandardCharsets.UTF_8);
                assertEquals(
                        pattern.captures(path.toString()) != null,
                        pattern.matches(bytes, bytes.length),
                        () -> text + " on " + path);
            }
        }
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
