package dev.fairway.dataplane.proxy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fairway.dataplane.fuzz.Grammar;
import dev.fairway.dataplane.fuzz.Mutator;
import dev.fairway.dataplane.fuzz.Reading;
import dev.fairway.dataplane.fuzz.ReferenceResponse;
import dev.fairway.dataplane.fuzz.ResponseMeaning;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * Attack ledger B20 through the whole engine: after each hostile response, what was behind it on the
 * upstream connection never answers a clean request. What is accepted reaches the client as the
 * reference reads it; what is refused never does.
 */
class MutatedResponsesTest {
    private static final int RESPONSES = Integer.getInteger("fairway.fuzz.responses", 1_000);
    private static final String LEFTOVER = "HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\nLEFTOVER";

    /** What the backend says to {@code /m}, and whether it closes then. Set before each request. */
    private volatile String response = "";

    private volatile boolean closes;

    @Test
    void no_clean_request_sees_leftovers_of_a_hostile_response() throws IOException {
        run(9, RESPONSES);
    }

    /** {@code SECONDS}: new seeds until the time is over; {@code hack/fuzz responses}. */
    public static void main(String[] arguments) throws IOException {
        long until = System.nanoTime() + Long.parseLong(arguments[0]) * 1_000_000_000L;
        long seed = System.currentTimeMillis();
        System.out.println("first seed " + seed);
        int responses = 0;
        for (; System.nanoTime() < until; responses += RESPONSES) {
            new MutatedResponsesTest().run(seed++, RESPONSES);
        }
        System.out.println(responses + " hostile responses, no leftover seen");
        System.exit(0);
    }

    private void run(long seed, int responses) throws IOException {
        Random random = new Random(seed);
        Grammar grammar = new Grammar(random);
        Mutator mutator = new Mutator(random);
        RawBackend backend = new RawBackend(this::serve);
        int[] outcomes = new int[3];
        try (ProxyFixture proxy = new ProxyFixture(backend)) {
            proxy.retryOn = List.of();
            RawClient client = proxy.client();
            for (int i = 0; i < responses; i++) {
                byte[] bytes = grammar.response().getBytes(StandardCharsets.ISO_8859_1);
                if (random.nextInt(3) == 0) {
                    bytes = mutator.mutate(bytes, List.of());
                }
                String hostile = new String(bytes, StandardCharsets.ISO_8859_1);
                response = hostile + (random.nextBoolean() ? LEFTOVER : "");
                Reading<ResponseMeaning> reading = read(response);
                closes =
                        !(reading instanceof Reading.Whole<ResponseMeaning> whole)
                                || whole.message().status() < 200
                                || whole.message().length() == -2;
                if (!asExpected(reading, client, i, outcomes)) {
                    client.close();
                    client = proxy.client();
                }
                RawClient.Response clean = clean(client, i);
                if (clean == null) {
                    client.close();
                    client = proxy.client();
                    clean = clean(client, i);
                }
                assertTrue(clean != null, () -> "no clean answer after " + response);
                assertEquals("/clean/" + i, clean.body(), () -> "after " + response);
            }
            client.close();
        }
        for (int outcome : outcomes) {
            assertTrue(outcome > responses / 100, () -> java.util.Arrays.toString(outcomes));
        }
    }

    private static Reading<ResponseMeaning> read(String bytes) {
        return ReferenceResponse.read(bytes, ProxyLimits.DEFAULTS.upstream().head(), false);
    }

    private void serve(RawBackend.Conversation c) throws IOException {
        for (String head; (head = c.readHead()) != null; ) {
            String target = head.split(" ", 3)[1];
            if (target.startsWith("/clean/")) {
                c.send(RawBackend.ok(target));
            } else {
                c.send(response);
                if (closes) {
                    return;
                }
            }
        }
    }

    private RawClient.Response clean(RawClient client, int i) {
        try {
            return client.get("/clean/" + i).response();
        } catch (IOException e) {
            return null;
        }
    }

    /** Whether the client's connection may be used on. */
    private boolean asExpected(
            Reading<ResponseMeaning> reading, RawClient client, int i, int[] outcomes)
            throws IOException {
        RawClient.Response seen;
        try {
            seen = client.get("/m/" + i).response();
        } catch (IOException | NumberFormatException e) {
            // cut: right for what turns out bad behind its head, and for nothing else
            boolean whole =
                    reading instanceof Reading.Whole<ResponseMeaning>(ResponseMeaning m, int _)
                            && m.status() >= 200;
            assertTrue(!whole, () -> "cut: " + response);
            outcomes[1]++;
            return false;
        }
        if (seen.status() == 502) {
            outcomes[0]++;
            boolean whole =
                    reading instanceof Reading.Whole<ResponseMeaning>(ResponseMeaning m, int _)
                            && m.status() >= 200;
            assertTrue(!whole, () -> "refused: " + response);
            return !"close".equals(seen.field("Connection"));
        }
        if (reading instanceof Reading.Whole<ResponseMeaning>(ResponseMeaning m, int _)
                && m.status() >= 200) {
            outcomes[2]++;
            assertEquals(m.status(), seen.status(), () -> response);
            assertEquals(m.body(), seen.body(), () -> response);
        } else {
            // after an interim answer, what follows counts; else this was refused and got through
            assertTrue(interim(reading), () -> "served: " + response);
            return false;
        }
        return !"close".equals(seen.field("Connection"));
    }

    private static boolean interim(Reading<ResponseMeaning> reading) {
        return reading instanceof Reading.Whole<ResponseMeaning>(ResponseMeaning m, int _)
                && m.status() < 200;
    }
}
