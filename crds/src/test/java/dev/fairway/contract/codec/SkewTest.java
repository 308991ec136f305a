package dev.fairway.contract.codec;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fairway.contract.Keys;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** An older reader never serves open what a newer controller guards. */
class SkewTest {

    /**
     * What a reader from before it would overlook. None keeps requests out, but for these: {@code
     * VirtualHost.clientCertificates} comes with a key of a type of its own; {@code crlPem}, {@code
     * allow}, {@code deny}, {@code subjectPattern}, {@code caPem} and {@code verifyName} are as old as
     * their record. A new name belongs here only if it may be overlooked, and begins with {@code must}
     * otherwise.
     */
    private static final String MAY_BE_OVERLOOKED =
            """
            AddressRules.allow
            AddressRules.deny
            Canary.cookie
            Canary.header
            Canary.headerPattern
            Canary.headerValue
            CertificateBinding.key
            ClientAuthorities.crlPem
            ClientCertificates.errorPage
            ClientCertificates.subjectPattern
            ConnectionLimit.exempt
            Cookie.domain
            Cookie.expires
            Cookie.maxAge
            Cookie.sameSite
            Cookie.secure
            Cors.exposed
            Cors.headers
            Cors.methods
            Cors.origins
            EndpointSet.endpoints
            ErrorPages.statuses
            ExternalAuth.method
            ExternalAuth.requestRedirect
            ExternalAuth.responseHeaders
            ExternalAuth.signIn
            Forwarding.trusted
            HttpsRedirect.exemptPrefixes
            LoadBalance.slowStart
            ProxyProtocol.headerTimeout
            ProxyProtocol.trusted
            RateLimit.exempt
            Redirect.host
            Redirect.path
            Retry.on
            Rewrite.forwardedPrefix
            Route.policies
            Settings.defaultCertificate
            Settings.hiddenHeaders
            Settings.http2
            Settings.proxyProtocol
            Settings.requestHeads
            Settings.serverHeader
            Settings.upstreamKeepAlive
            Template.parts
            UpstreamIdentity.caPem
            UpstreamIdentity.certificate
            UpstreamKeepAlive.connections
            UpstreamKeepAlive.idle
            UpstreamTls.identity
            UpstreamTls.protocols
            UpstreamTls.verifyName
            Users.users
            VirtualHost.clientCertificates
            VirtualHost.routes
            """;

    @Test
    void every_field_that_may_be_absent_may_be_overlooked_or_must_be_known() {
        Set<String> found = new TreeSet<>();
        collect(DocumentLine.class, new HashSet<>(), found);
        found.removeIf(field -> field.matches(".*\\.must[A-Z].*"));
        assertEquals(String.join("\n", found) + "\n", MAY_BE_OVERLOOKED);
    }

    private static void collect(Type type, Set<Type> seen, Set<String> into) {
        if (type instanceof ParameterizedType generic) {
            collect(generic.getActualTypeArguments()[0], seen, into);
        } else if (type instanceof Class<?> plain && seen.add(plain)) {
            if (plain.isSealed()) {
                Arrays.stream(plain.getPermittedSubclasses())
                        .forEach(each -> collect(each, seen, into));
            }
            if (plain.isRecord()) {
                for (RecordComponent component : plain.getRecordComponents()) {
                    if (Set.of(Optional.class, List.class).contains(component.getType())) {
                        into.add(plain.getSimpleName() + "." + component.getName());
                    }
                    collect(component.getGenericType(), seen, into);
                }
            }
        }
    }

    @Test
    void a_field_that_must_be_known_is_refused_on_any_record_by_who_does_not_know_it() {
        String text = text(SnapshotCodec.encode(Samples.SNAPSHOT));
        for (String record : List.of("\"routes\":[", "\"realm\":", "\"keepAliveRequests\":")) {
            assertTrue(text.contains(record), record);
            String later =
                    text.replaceFirst(
                            java.util.regex.Pattern.quote(record), "\"mustShow\":[{\"a\":1}],$0");
            refused(SnapshotCodec.decodeSnapshot(bytes(later)), "must be known");
            String harmless = later.replace("\"mustShow\"", "\"mayShow\"");
            assertInstanceOf(Decoded.Accepted.class, SnapshotCodec.decodeSnapshot(bytes(harmless)));
        }
    }

    /** As one from before it: to it each of these types has a name it never heard of. */
    @Test
    void a_reader_refuses_every_guard_that_it_does_not_know() {
        String routes = text(SnapshotCodec.encode(Samples.SNAPSHOT));
        for (String guard :
                List.of(
                        "AddressRules",
                        "BasicAuth",
                        "ConnectionLimit",
                        "ExternalAuth",
                        "RateLimit",
                        "UpstreamTls")) {
            refused(SnapshotCodec.decodeSnapshot(bytes(unknown(routes, guard))), "unknown type");
        }
        // hosts that ask for client certificates never come without this one
        String keys = text(SnapshotCodec.encode(Samples.KEYS));
        Decoded<Keys> decoded = SnapshotCodec.decodeKeys(bytes(unknown(keys, "ClientAuthorities")));
        refused(decoded, "unknown type");
    }

    private static String unknown(String document, String type) {
        String name = "\"type\":\"" + type + "\"";
        assertTrue(document.contains(name), type);
        return document.replace(name, "\"type\":\"Newer\"");
    }

    private static void refused(Decoded<?> decoded, String part) {
        Object reason = assertInstanceOf(Decoded.Refused.class, decoded).reason();
        assertTrue(reason.toString().contains(part), reason.toString());
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
