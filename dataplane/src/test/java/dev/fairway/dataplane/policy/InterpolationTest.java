package dev.fairway.dataplane.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.fairway.contract.PathMatch;
import dev.fairway.contract.Route;
import dev.fairway.contract.TemplatePart;
import dev.fairway.contract.TemplatePart.Name;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class InterpolationTest {
    private final Interpolation interpolation =
            new Interpolation(
                    new Route(
                            "id",
                            new Route.Origin("ns", "ing", "svc", "8080"),
                            new PathMatch.Prefix("/loc"),
                            new Route.Action.Answer(404),
                            List.of()),
                    "pod-1");
    private final FakeRequest request =
            FakeRequest.get("/loc/a b?x=1&Y=&xx=3&y=2")
                    .method("PUT")
                    .overTls()
                    .host("h.org", "H.org:8443")
                    .with("content-type", "text/plain")
                    .with("content-length", "5")
                    .with("x-forwarded-for", "1.1.1.1")
                    .with("x-forwarded-for", "2.2.2.2")
                    .with("authorization", "Basic YW5uOnNlY3JldA==")
                    .with("x-tenant", "t1")
                    .with("x-tenant", "t2")
                    .with("cookie", "a=1; b=2");

    @ParameterizedTest
    @CsvSource({
        "SCHEME, https",
        "HOST, h.org",
        "HTTP_HOST, H.org:8443",
        "BEST_HTTP_HOST, H.org:8443",
        "HOSTNAME, pod-1",
        "REQUEST_URI, /loc/a b?x=1&Y=&xx=3&y=2",
        "ESCAPED_REQUEST_URI, %2Floc%2Fa%20b%3Fx%3D1%26Y%3D%26xx%3D3%26y%3D2",
        "URI, /loc/a b",
        "DOCUMENT_URI, /loc/a b",
        "ARGS, x=1&Y=&xx=3&y=2",
        "QUERY_STRING, x=1&Y=&xx=3&y=2",
        "IS_ARGS, ?",
        "REQUEST_METHOD, PUT",
        "REQUEST_ID, 0123456789abcdef0123456789abcdef",
        "REQ_ID, 0123456789abcdef0123456789abcdef",
        "REMOTE_ADDR, 203.0.113.7",
        "REMOTE_USER, ann",
        "PROXY_ADD_X_FORWARDED_FOR, '1.1.1.1, 2.2.2.2, 203.0.113.7'",
        "SERVER_NAME, h.org",
        "SERVER_PORT, 443",
        "CONTENT_TYPE, text/plain",
        "CONTENT_LENGTH, 5",
        "NAMESPACE, ns",
        "INGRESS_NAME, ing",
        "SERVICE_NAME, svc",
        "SERVICE_PORT, 8080",
        "LOCATION_PATH, /loc",
    })
    void a_variable_says_what_ingress_nginx_says(Name name, String expected) {
        assertEquals(expected, interpolation.fill(Plans.template(name), request));
    }

    @Test
    void every_variable_has_a_value_even_of_a_bare_request() {
        for (Name name : Name.values()) {
            interpolation.fill(Plans.template(name), FakeRequest.get("/"));
        }
        assertEquals("", interpolation.fill(Plans.template(Name.IS_ARGS), FakeRequest.get("/?")));
        assertEquals(
                "\u00cb\u0000q\u0007",
                interpolation.fill(Plans.template(Name.BINARY_REMOTE_ADDR), request));
    }

    @Test
    void headers_cookies_arguments_and_text_are_put_together_in_order() {
        assertEquals(
                "<t1|2|1||>",
                interpolation.fill(
                        Plans.template(
                                "<",
                                new TemplatePart.Header("x-tenant"),
                                "|",
                                new TemplatePart.Cookie("b"),
                                "|",
                                new TemplatePart.Argument("X"),
                                "|",
                                new TemplatePart.Argument("absent"),
                                "|",
                                new TemplatePart.Header("x-absent"),
                                ">"),
                        request));
        // The first of the name, in any case, though it is empty.
        assertEquals(
                "", interpolation.fill(Plans.template(new TemplatePart.Argument("y")), request));
    }
}
