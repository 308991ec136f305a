package dev.fairway.dataplane.tls;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a ClientHello says in ALPN (RFC 7301 3.1). The native library can only leave an offer without
 * anything of ours unanswered; a client must hear that it is not understood (attack ledger D7), lest it
 * takes one protocol's answers for another's. Pure.
 */
final class OfferedProtocols {
    private static final int VERSION_AND_RANDOM = 34;
    private static final int ALPN = 16;

    private OfferedProtocols() {}

    /**
     * The names offered, in order; null when there is no such extension, or what should be a
     * ClientHello is none, which the handshake will find out.
     */
    static @Nullable List<String> of(@Nullable ByteBuf hello) {
        if (hello == null) {
            return null;
        }
        try {
            ByteBuf in = hello.slice();
            in.skipBytes(VERSION_AND_RANDOM);
            in.skipBytes(in.readUnsignedByte()); // session
            in.skipBytes(in.readUnsignedShort()); // cipher suites
            in.skipBytes(in.readUnsignedByte()); // compression
            ByteBuf extensions = in.readSlice(in.readUnsignedShort());
            while (extensions.readableBytes() >= 4) {
                int type = extensions.readUnsignedShort();
                ByteBuf extension = extensions.readSlice(extensions.readUnsignedShort());
                if (type == ALPN) {
                    return names(extension);
                }
            }
            return null;
        } catch (IndexOutOfBoundsException e) {
            return null;
        }
    }

    private static List<String> names(ByteBuf extension) {
        ByteBuf in = extension.readSlice(extension.readUnsignedShort());
        List<String> names = new ArrayList<>(4);
        while (in.isReadable()) {
            int size = in.readUnsignedByte();
            names.add(in.readCharSequence(size, StandardCharsets.ISO_8859_1).toString());
        }
        return names;
    }
}
