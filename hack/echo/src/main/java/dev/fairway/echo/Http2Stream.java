package dev.fairway.echo;

import dev.fairway.echo.Request.Header;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http2.DefaultHttp2DataFrame;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersFrame;
import io.netty.handler.codec.http2.Http2DataFrame;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2HeadersFrame;
import io.netty.util.ReferenceCountUtil;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One request by HTTP/2. A gRPC call is answered by its method's name, messages unread:
 *
 * <pre>
 * Count   x-count times (3) what the client sent, x-pause milliseconds apart
 * Status  no message, only the status that x-status says
 * Never   nothing, for ever
 * other   each message as it comes, and status 0 behind the last
 * </pre>
 *
 * Trailers tell the pod and the deadline that came. Anything else is answered as by HTTP/1. On its loop.
 */
final class Http2Stream extends ChannelInboundHandlerAdapter {
    private final Settings settings;
    private final Answers answers;
    private @Nullable Http2Headers head;
    private final ByteBuf kept = Unpooled.buffer();
    private long bytes;

    Http2Stream(Settings settings, Answers answers) {
        this.settings = settings;
        this.answers = answers;
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        try {
            if (message instanceof Http2HeadersFrame headers && head == null) {
                begin(context, headers.headers(), headers.isEndStream());
            } else if (message instanceof Http2HeadersFrame) {
                end(context);
            } else if (message instanceof Http2DataFrame data) {
                data(context, data.content(), data.isEndStream());
            }
        } finally {
            ReferenceCountUtil.release(message);
        }
    }

    private void begin(ChannelHandlerContext context, Http2Headers request, boolean ends) {
        head = request;
        if (isCall() && !method().equals("Never") && !method().equals("Status")) {
            write(context, head("200").set("content-type", "application/grpc"), false);
        }
        if (ends) {
            end(context);
        }
    }

    private void data(ChannelHandlerContext context, ByteBuf piece, boolean ends) {
        bytes += piece.readableBytes();
        if (isCall() && method().equals("Count")) {
            kept.writeBytes(piece, piece.readerIndex(), piece.readableBytes());
        } else if (isCall() && !method().equals("Never") && !method().equals("Status")) {
            context.writeAndFlush(new DefaultHttp2DataFrame(piece.retain(), false));
        }
        if (ends) {
            end(context);
        }
    }

    private void end(ChannelHandlerContext context) {
        if (!isCall()) {
            answer(context);
            return;
        }
        switch (method()) {
            case "Count" -> count(context, number("x-count", 3));
            case "Status" ->
                    write(
                            context,
                            status(number("x-status", 0))
                                    .status("200")
                                    .set("content-type", "application/grpc"),
                            true);
            case "Never" -> {}
            default -> write(context, status(0), true);
        }
    }

    private void count(ChannelHandlerContext context, int left) {
        if (left == 0) {
            write(context, status(0), true);
            return;
        }
        context.writeAndFlush(new DefaultHttp2DataFrame(kept.copy(), false));
        context.executor()
                .schedule(
                        () -> count(context, left - 1),
                        number("x-pause", 0),
                        TimeUnit.MILLISECONDS);
    }

    private static Http2Headers head(String status) {
        return new DefaultHttp2Headers().status(status);
    }

    private Http2Headers status(int code) {
        var trailers = new DefaultHttp2Headers();
        trailers.set("grpc-status", Integer.toString(code));
        trailers.set("x-echo-pod", settings.pod());
        trailers.set("x-echo-timeout", field("grpc-timeout"));
        return trailers;
    }

    private static void write(ChannelHandlerContext context, Http2Headers head, boolean ends) {
        context.writeAndFlush(new DefaultHttp2HeadersFrame(head, ends));
    }

    /** As by HTTP/1; on a thread of its own, since an answer may take its time. */
    private void answer(ChannelHandlerContext context) {
        var request =
                new Request(
                        String.valueOf(context.channel().parent().remoteAddress()),
                        field(":method"),
                        field(":path"),
                        "HTTP/2",
                        fields(),
                        bytes,
                        List.of());
        Thread.ofVirtual()
                .start(() -> {
                    try {
                        switch (answers.to(request)) {
                            case Answer.Whole whole -> whole(context, whole);
                            case Answer.Reset _, Answer.Cut _ -> context.close();
                            case Answer.Filler _, Answer.Chunks _, Answer.WebSocket _ ->
                                    write(context, head("501"), true);
                        }
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    } catch (IllegalArgumentException e) {
                        write(context, head("400"), true);
                    }
                });
    }

    private static void whole(ChannelHandlerContext context, Answer.Whole whole) {
        var response = head(Integer.toString(whole.status()));
        whole.headers()
                .forEach(h -> response.add(h.name().toLowerCase(java.util.Locale.ROOT), h.value()));
        write(context, response, false);
        context.writeAndFlush(
                new DefaultHttp2DataFrame(Unpooled.wrappedBuffer(whole.body()), true));
    }

    private List<Header> fields() {
        var fields = new ArrayList<Header>();
        var request = head;
        if (request != null) {
            request.forEach(
                    e -> fields.add(new Header(e.getKey().toString(), e.getValue().toString())));
        }
        return fields;
    }

    private boolean isCall() {
        return field("content-type").startsWith("application/grpc");
    }

    private String method() {
        var path = field(":path");
        return path.substring(path.lastIndexOf('/') + 1);
    }

    private int number(String name, int otherwise) {
        var value = field(name);
        return value.isEmpty() ? otherwise : Integer.parseInt(value);
    }

    private String field(String name) {
        var request = head;
        var value = request == null ? null : request.get(name);
        return value == null ? "" : value.toString();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        context.close();
    }
}
