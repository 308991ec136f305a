package dev.fairway.dataplane.message;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CanonicalPathTest {

    @ParameterizedTest
    @CsvSource({
        "/, /",
        "/a/b, /a/b",
        "/a/b/, /a/b/",
        "/%61%2d%7E, /a-~",
        "/a%2fb, /a%2Fb",
        "/a%2Fb%3a, /a%2Fb%3A",
        "/a//b///c, /a/b/c",
        "//a, /a",
        "/a/./b, /a/b",
        "/a/., /a/",
        "/a/.., /",
        "/a/b/.., /a/",
        "/a/b/../c, /a/c",
        "/a/%2e%2E/c, /c",
        "/a//../c, /c",
        "/.well-known/x, /.well-known/x",
        "/..a/b, /..a/b",
        "/.../b, /.../b",
        "/a;v=1/b, /a;v=1/b",
        "/a%20b, /a%20b",
        "/..a%2F.b%2F...%2F%2F, /..a%2F.b%2F...%2F%2F",
        "/%2520, /%2520",
        "/%0a, /%0A",
        "/ä, /%C3%A4",
        "/a:@!$&'()*+=b, /a:@!$&'()*+=b",
    })
    void a_path_has_one_form(String given, String canonical) {
        assertEquals(canonical, CanonicalPath.canonical(given));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "a",
                "*",
                "/..",
                "/../",
                "/a/../..",
                "/%2e%2e",
                "/%00",
                "/a%5cb",
                "/a\\b",
                "/%",
                "/%1",
                "/%g1",
                "/%1g",
                "/a b",
                "/a#b",
                "/a?b",
                "/a/..;/b",
                "/a/.;x/b",
                "/..;",
                "/%2e%2e;/",
                "/a/..%2fb",
                "/a/b%2F..",
                "/a/b%2f%2e%2e%2Fc",
                "/a/%2e%2fb",
                "/a%2f.",
                "/a\u0001",
                "/a\u007f",
                "/a\tb"
            })
    void what_could_be_read_two_ways_is_refused(String given) {
        assertNull(CanonicalPath.canonical(given));
    }

    @Test
    void kept_slashes_stay_but_dots_are_resolved() {
        assertEquals("/a//b/", keep("/a//x/../b/"));
        assertEquals("//a", keep("//a"));
        assertNull(keep("/../a"));
    }

    @Test
    void the_canonical_form_is_its_own_canonical_form() {
        String[] pieces = {"/", "..", ".", "%2e", "%2F", "a", "%61", ";", "%25", "//", "%3b", "ä"};
        Random random = new Random(7);
        int accepted = 0;
        for (int round = 0; round < 50_000; round++) {
            StringBuilder path = new StringBuilder("/");
            for (int piece = random.nextInt(9); piece > 0; piece--) {
                path.append(pieces[random.nextInt(pieces.length)]);
            }
            String once = CanonicalPath.canonical(path.toString());
            if (once != null) {
                accepted++;
                assertEquals(once, CanonicalPath.canonical(once), path.toString());
            }
        }
        assertTrue(accepted > 1000, "too few paths were accepted to prove anything");
    }

    private static @Nullable String keep(String path) {
        byte[] in = path.getBytes(StandardCharsets.UTF_8);
        byte[] out = new byte[CanonicalPath.bound(in, 0, in.length)];
        int length = CanonicalPath.canonical(in, 0, in.length, out, false);
        return length < 0 ? null : new String(out, 0, length, StandardCharsets.US_ASCII);
    }
}
