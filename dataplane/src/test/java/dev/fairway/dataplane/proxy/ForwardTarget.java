package dev.fairway.dataplane.proxy;

import dev.fairway.contract.Settings.Forwarding;
import dev.fairway.dataplane.fuzz.Reading;
import dev.fairway.dataplane.fuzz.ReferenceRequest;
import dev.fairway.dataplane.fuzz.RequestMeaning;
import dev.fairway.dataplane.http1.CanonicalRequest;
import dev.fairway.dataplane.http1.Fault;
import dev.fairway.dataplane.http1.HeadScanner;
import dev.fairway.dataplane.http1.HeadWriter;
import dev.fairway.dataplane.http1.RequestHead;
import dev.fairway.dataplane.message.Header;
import dev.fairway.dataplane.policy.Dispatch;
import dev.fairway.dataplane.policy.Transport;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A request head, forwarded: what a backend is sent reads as one request that says what the client's
 * said, with the canonical path, without hop-by-hop fields, with ours ({@code hack/fuzz forward}).
 */
public final class ForwardTarget {
    /** Written by us, or of one connection only; what becomes of them has tests of its own. */
    private static final Set<String> NOT_COMPARED =
            Set.of(
                    ("host connection keep-alive proxy-connection te trailer upgrade http2-settings proxy via"
                                    + " transfer-encoding expect forwarded cdn-loop x-request-id x-real-ip x-forwarded-for"
                                    + " x-forwarded-host x-forwarded-port x-forwarded-proto x-forwarded-scheme x-scheme"
                                    + " x-original-forwarded-for x-original-forwarded-host")
                            .split(" "));

    private static final HeadWriter OUT = new HeadWriter();

    private ForwardTarget() {}

    public static void fuzzerTestOneInput(byte[] input) {
        for (boolean keepSlashes : new boolean[] {false, true}) {
            RequestHead head = accepted(input);
            if (head == null || head.target().isAsterisk()) {
                return;
            }
            CanonicalRequest request = new CanonicalRequest(head);
            String sent = forwarded(request, keepSlashes);
            check(request, sent, keepSlashes);
        }
    }

    static @Nullable RequestHead accepted(byte[] input) {
        RequestHead head = new RequestHead();
        head.clear();
        Fault fault =
                HeadScanner.read(
                        head, Unpooled.wrappedBuffer(input), ProxyLimits.DEFAULTS.client().head());
        return fault == null && head.complete() && head.interpret(false) == null ? head : null;
    }

    /** The head as a backend gets it. */
    static String forwarded(CanonicalRequest request, boolean keepSlashes) {
        ForwardedHeaders forwarded =
                ForwardedHeaders.direct(InetAddress.getLoopbackAddress(), false, 80);
        forwarded.resolve(request, new TrustedPeers(Forwarding.UNTRUSTED));
        request.id("0123456789abcdef0123456789abcdef");
        RequestWriter.write(
                OUT,
                request,
                new Dispatch.Forward(
                        null, null, ProxyFixture.selection(List.of()), Transport.PLAIN),
                forwarded,
                FieldEdits.NONE,
                keepSlashes,
                false);
        ByteBuf head = OUT.end(UnpooledByteBufAllocator.DEFAULT);
        try {
            return head.toString(StandardCharsets.ISO_8859_1);
        } finally {
            head.release();
        }
    }

    private static void check(CanonicalRequest request, String sent, boolean keepSlashes) {
        RequestHead head = request.head();
        String host = request.authority().isEmpty() ? "localhost" : request.authority();
        require(sent.indexOf("\r\nHost: " + host + "\r\n") > 0, "host", sent);
        // Without its length the message is its head: bodies have their own target.
        String bodiless = sent.replaceFirst("(?i)\r\ncontent-length:[^\r]*", "\r\nX-Length: 1");
        String end = head.framing() == -1 ? "0\r\n\r\n" : "";
        Reading<RequestMeaning> reading =
                ReferenceRequest.read(bodiless + end, ProxyLimits.DEFAULTS.upstream().head());
        if (!(reading instanceof Reading.Whole<RequestMeaning>(RequestMeaning seen, int length))) {
            throw new AssertionError("unreadable: " + reading + "\nsent: " + sent);
        }
        require(length == bodiless.length() + end.length(), "more than one message", sent);
        require(seen.method().equals(request.method()), "method", sent);
        require(seen.path().equals(request.path()), "path", sent);
        require(
                Objects.equals(
                        seen.query(),
                        request.hasQuery() ? RequestMeaning.forwarded(request.query()) : null),
                "query",
                sent);
        require(seen.authority().equals(host), "host", sent);
        require(seen.minor() == 1 && !seen.close(), "connection", sent);
        require((seen.length() == -1) == (head.framing() == -1), "framing", sent);
        boolean said = request.header("content-length") != null;
        require(
                said == sent.contains("\r\nContent-Length: " + head.framing() + "\r\n"),
                "length",
                sent);
        require(
                !said || !sent.matches("(?is).*\r\ncontent-length:.*\r\ncontent-length:.*"),
                "lengths",
                sent);
        require((seen.upgrade() == null) == (head.upgrade() < 0), "upgrade", sent);
        String target = sent.split(" ", 3)[1];
        String path = target.contains("?") ? target.substring(0, target.indexOf('?')) : target;
        require(keepSlashes || path.equals(request.path()), "forwarded path", sent);
        require(comparable(seen.fields()).equals(comparable(request.fields())), "fields", sent);
    }

    private static List<Header> comparable(List<Header> fields) {
        return fields.stream()
                .filter(f -> !NOT_COMPARED.contains(f.name()))
                .filter(f -> !f.name().equals("content-length") && !f.name().equals("x-length"))
                .toList();
    }

    private static void require(boolean holds, String what, String sent) {
        if (!holds) {
            throw new AssertionError(what + " differs in\n" + sent);
        }
    }
}
