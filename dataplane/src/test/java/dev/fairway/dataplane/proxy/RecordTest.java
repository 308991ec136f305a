package dev.fairway.dataplane.proxy;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.fairway.contract.Policy.Timeouts;
import dev.fairway.dataplane.message.Answer;
import dev.fairway.dataplane.policy.Decision;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the access log is told, by the meaning that nginx gives its variables. */
class RecordTest {
    private static final String GET = "GET /x HTTP/1.1\r\nHost: a.test\r\n\r\n";

    @BeforeEach
    void watch() {
        Leaks.watch();
    }

    @AfterEach
    void leaks() {
        Leaks.assertNone();
    }

    @Test
    void the_length_of_a_request_is_head_and_body() throws Exception {
        String post = "POST / HTTP/1.1\r\nHost: a.test\r\nContent-Length: 5\r\n\r\nhello";
        try (ProxyFixture proxy = new ProxyFixture(RawBackend.answering(RawBackend.ok("ok")))) {
            proxy.ask(GET);
            assertEquals(GET.length(), proxy.lastFinished(1).requestBytes());
            proxy.ask(post);
            assertEquals(post.length(), proxy.lastFinished(2).requestBytes());
        }
    }

    @Test
    void the_body_of_our_own_answer_counts_and_not_to_HEAD() throws Exception {
        try (ProxyFixture proxy = new ProxyFixture(RawBackend.answering(RawBackend.ok("ok")))) {
            Answer slower = Answer.of(429, "Too many requests.", "rate");
            proxy.admit = context -> new Decision.Respond(slower);
            String body = proxy.ask(GET).body();
            assertEquals(body.length(), proxy.lastFinished(1).responseBodyBytes());
            try (RawClient client = proxy.client()) {
                client.send(GET.replace("GET", "HEAD")).response(true);
            }
            assertEquals(0, proxy.lastFinished(2).responseBodyBytes());
        }
    }

    @Test
    void a_head_that_can_not_be_read_has_its_length_and_its_answer() throws Exception {
        String broken = "GET / HTTP/1.1\r\nHost : a.test\r\n\r\n";
        try (ProxyFixture proxy = new ProxyFixture()) {
            String body = proxy.ask(broken).body();
            ProxyFixture.Finished told = proxy.lastFinished(1);
            assertEquals(400, told.status());
            assertEquals(broken.length(), told.requestBytes());
            assertEquals(body.length(), told.responseBodyBytes());
        }
    }

    @Test
    void an_attempt_without_an_answer_is_504_in_time_and_502_else() throws Exception {
        RawBackend closes = new RawBackend(c -> c.readHead());
        RawBackend silent =
                new RawBackend(c -> c.in.transferTo(java.io.OutputStream.nullOutputStream()));
        try (ProxyFixture proxy = new ProxyFixture(closes, silent)) {
            Duration moment = Duration.ofMillis(200);
            proxy.timeouts = new Timeouts(moment, moment, moment);
            assertEquals(504, proxy.ask(GET).status());
            assertEquals(List.of(502, 504), proxy.lastFinished(1).attemptStatuses());
        }
    }

    @Test
    void an_attempt_that_its_client_left_has_no_status() throws Exception {
        RawBackend silent =
                new RawBackend(c -> c.in.transferTo(java.io.OutputStream.nullOutputStream()));
        try (ProxyFixture proxy = new ProxyFixture(silent)) {
            try (RawClient client = proxy.client()) {
                client.send(GET);
                proxy.eventually("it is under way", () -> proxy.server.exchangesInFlight() == 1);
                proxy.eventually("the backend has it", () -> proxy.server.upstreamActive() == 1);
            }
            assertEquals(499, proxy.lastFinished(1).status());
            assertEquals(List.of(0), proxy.lastFinished(1).attemptStatuses());
        }
    }
}
