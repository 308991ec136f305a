package dev.fairway.dataplane.fuzz;

import dev.fairway.dataplane.http1.BodyReader;
import dev.fairway.dataplane.http1.CanonicalRequest;
import dev.fairway.dataplane.http1.Fault;
import dev.fairway.dataplane.http1.FieldName;
import dev.fairway.dataplane.http1.Framing;
import dev.fairway.dataplane.http1.Head;
import dev.fairway.dataplane.http1.HeadLimits;
import dev.fairway.dataplane.http1.HeadScanner;
import dev.fairway.dataplane.http1.RequestHead;
import dev.fairway.dataplane.http1.ResponseHead;
import dev.fairway.dataplane.message.Header;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.IntUnaryOperator;
import org.jspecify.annotations.Nullable;

/** The engine's own reading of a message that arrives in pieces. */
public final class EngineReader {
    private static final int MORE = -1;
    private static final int FAULTY = -2;

    // Used again and again, as connections use theirs: what one message leaves must not show in the
    // next.
    private static final ThreadLocal<RequestHead> REQUEST =
            ThreadLocal.withInitial(RequestHead::new);
    private static final ThreadLocal<ResponseHead> RESPONSE =
            ThreadLocal.withInitial(ResponseHead::new);

    private final byte[] in;
    private final ByteBuf bytes;
    private final IntUnaryOperator pieces;
    private final StringBuilder body = new StringBuilder();
    private @Nullable Fault fault;

    private EngineReader(byte[] in, IntUnaryOperator pieces) {
        this.in = in;
        // A copy: small chunks are moved together in the receive buffer.
        bytes = Unpooled.copiedBuffer(in);
        this.pieces = pieces;
    }

    /** Every piece is of this size. */
    public static IntUnaryOperator by(int size) {
        return at -> size;
    }

    /** All at once. */
    public static IntUnaryOperator whole() {
        return at -> Integer.MAX_VALUE;
    }

    /**
     * @param pieces where a piece starts → how long it is
     */
    public static Reading<RequestMeaning> request(
            byte[] in, HeadLimits limits, IntUnaryOperator pieces) {
        RequestHead head = REQUEST.get();
        head.clear();
        EngineReader reader = new EngineReader(in, pieces);
        int bodyStart = reader.head(head, limits, () -> head.interpret(false));
        if (bodyStart < 0) {
            return reader.without(bodyStart);
        }
        int end = reader.body(bodyStart, head.framing());
        if (end < 0) {
            return reader.without(end);
        }
        CanonicalRequest request = head.canonical();
        int upgrade = head.upgrade();
        return new Reading.Whole<>(
                new RequestMeaning(
                        request.method(),
                        request.path(),
                        request.hasQuery() ? request.query() : null,
                        request.host(),
                        request.authority(),
                        head.minorVersion(),
                        request.fields(),
                        head.framing(),
                        head.close(),
                        head.expectsContinue(),
                        upgrade < 0 ? null : head.value(upgrade),
                        reader.body.toString()),
                end);
    }

    public static Reading<ResponseMeaning> response(
            byte[] in, HeadLimits limits, boolean toHead, IntUnaryOperator pieces) {
        ResponseHead head = RESPONSE.get();
        head.clear();
        EngineReader reader = new EngineReader(in, pieces);
        int bodyStart = reader.head(head, limits, () -> head.interpret(toHead));
        if (bodyStart < 0) {
            return reader.without(bodyStart);
        }
        int end = reader.body(bodyStart, head.framing());
        if (end == MORE && head.framing() == Framing.UNTIL_CLOSE) {
            end = in.length;
        }
        if (end < 0) {
            return reader.without(end);
        }
        return new Reading.Whole<>(
                new ResponseMeaning(
                        head.status(),
                        text(head, head.reasonStart(), head.reasonEnd()),
                        head.bytes()[7] - '0',
                        fields(head),
                        head.framing(),
                        head.close(),
                        reader.body.toString()),
                end);
    }

    private interface Interpretation {
        @Nullable Fault fault();
    }

    private int head(Head head, HeadLimits limits, Interpretation interpretation) {
        int at = 0;
        while (at < in.length) {
            ByteBuf piece = piece(at);
            fault = HeadScanner.read(head, piece, limits);
            if (fault == null && head.complete()) {
                fault = interpretation.fault();
            }
            if (fault != null) {
                return FAULTY;
            }
            at += piece.readerIndex();
            if (head.complete()) {
                return at;
            }
        }
        return MORE;
    }

    private int body(int from, long framing) {
        BodyReader reader = new BodyReader();
        reader.begin(framing);
        int at = from;
        while (at < in.length && !reader.ended()) {
            ByteBuf piece = piece(at);
            fault =
                    reader.read(
                            piece,
                            data -> {
                                body.append(data.toString(StandardCharsets.ISO_8859_1));
                                data.release();
                            });
            if (fault != null) {
                return FAULTY;
            }
            at += piece.readerIndex();
        }
        return reader.ended() ? at : MORE;
    }

    private ByteBuf piece(int at) {
        int size = Math.min(in.length - at, Math.max(1, pieces.applyAsInt(at)));
        return bytes.slice(at, size);
    }

    private <M> Reading<M> without(int outcome) {
        return outcome == MORE
                ? new Reading.Partial<>()
                : new Reading.Refused<>(Set.of(fault.status()));
    }

    private static List<Header> fields(Head head) {
        List<Header> fields = new ArrayList<>();
        for (int i = 0; i < head.count(); i++) {
            if (head.name(i) != FieldName.DROPPED) {
                String line = text(head, head.lineStart(i), head.valueStart(i));
                String name = line.substring(0, line.indexOf(':')).toLowerCase(Locale.ROOT);
                fields.add(new Header(name, head.value(i)));
            }
        }
        return fields;
    }

    private static String text(Head head, int from, int to) {
        return new String(head.bytes(), from, to - from, StandardCharsets.ISO_8859_1);
    }
}
