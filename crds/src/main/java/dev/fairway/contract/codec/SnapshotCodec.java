package dev.fairway.contract.codec;

import dev.fairway.contract.CertificateBinding;
import dev.fairway.contract.Endpoints;
import dev.fairway.contract.Endpoints.EndpointSet;
import dev.fairway.contract.Keys;
import dev.fairway.contract.Listener;
import dev.fairway.contract.Settings;
import dev.fairway.contract.Snapshot;
import dev.fairway.contract.VirtualHost;
import dev.fairway.contract.codec.DocumentLine.Backend;
import dev.fairway.contract.codec.DocumentLine.Binding;
import dev.fairway.contract.codec.DocumentLine.Entrance;
import dev.fairway.contract.codec.DocumentLine.Global;
import dev.fairway.contract.codec.DocumentLine.Head;
import dev.fairway.contract.codec.DocumentLine.Host;
import dev.fairway.contract.codec.DocumentLine.Kind;
import dev.fairway.contract.codec.DocumentLine.Material;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The three documents ⇄ canonical bytes. Equal values give equal bytes; {@link Chunks#hash} of the
 * bytes is the document's identity. One line of JSON for each host, backend or key, so that a small
 * change leaves most chunks alone. Thread-safe.
 */
public final class SnapshotCodec {
    private SnapshotCodec() {}

    /** The major version written; a reader refuses any other. */
    public static final int FORMAT = 1;

    private static final Shape LINE = Shape.of(DocumentLine.class);

    public static byte[] encode(Snapshot snapshot) {
        Writer writer = new Writer(Kind.ROUTES);
        writer.add(new Global(snapshot.settings()));
        snapshot.listeners().forEach(l -> writer.add(new Entrance(l)));
        snapshot.certificates().forEach(c -> writer.add(new Binding(c)));
        snapshot.hosts().forEach(h -> writer.add(new Host(h)));
        return writer.bytes();
    }

    public static byte[] encode(Endpoints endpoints) {
        Writer writer = new Writer(Kind.ENDPOINTS);
        endpoints.sets().forEach(s -> writer.add(new Backend(s)));
        return writer.bytes();
    }

    public static byte[] encode(Keys keys) {
        Writer writer = new Writer(Kind.KEYS);
        keys.entries().forEach(e -> writer.add(new Material(e)));
        return writer.bytes();
    }

    public static Decoded<Snapshot> decodeSnapshot(byte[] bytes) {
        return decodeSnapshot(List.of(bytes), new DecodedLines());
    }

    /**
     * @param pieces the document's bytes, cut anywhere
     * @param known what this kind of document had last
     */
    public static Decoded<Snapshot> decodeSnapshot(List<byte[]> pieces, DecodedLines known) {
        return decode(
                pieces,
                known,
                Kind.ROUTES,
                lines -> {
                    Settings settings = null;
                    List<Listener> listeners = new ArrayList<>();
                    List<CertificateBinding> certificates = new ArrayList<>();
                    List<VirtualHost> hosts = new ArrayList<>();
                    for (DocumentLine line : lines) {
                        switch (line) {
                            case Global global -> {
                                if (settings != null) {
                                    throw new Refusal("settings: twice");
                                }
                                settings = global.settings();
                            }
                            case Entrance entrance -> listeners.add(entrance.listener());
                            case Binding binding -> certificates.add(binding.certificate());
                            case Host host -> hosts.add(host.host());
                            case Head _, Backend _, Material _ ->
                                    throw new Refusal("a line that does not belong here");
                        }
                    }
                    if (settings == null) {
                        throw new Refusal("settings: missing");
                    }
                    return new Snapshot(settings, listeners, certificates, hosts);
                });
    }

    public static Decoded<Endpoints> decodeEndpoints(byte[] bytes) {
        return decodeEndpoints(List.of(bytes), new DecodedLines());
    }

    /** As {@link #decodeSnapshot(List, DecodedLines)}. */
    public static Decoded<Endpoints> decodeEndpoints(List<byte[]> pieces, DecodedLines known) {
        return decode(
                pieces,
                known,
                Kind.ENDPOINTS,
                lines -> {
                    List<EndpointSet> sets = new ArrayList<>();
                    for (DocumentLine line : lines) {
                        if (!(line instanceof Backend backend)) {
                            throw new Refusal("a line that does not belong here");
                        }
                        sets.add(backend.set());
                    }
                    return new Endpoints(sets);
                });
    }

    public static Decoded<Keys> decodeKeys(byte[] bytes) {
        return decodeKeys(List.of(bytes), new DecodedLines());
    }

    /** As {@link #decodeSnapshot(List, DecodedLines)}. */
    public static Decoded<Keys> decodeKeys(List<byte[]> pieces, DecodedLines known) {
        return decode(
                pieces,
                known,
                Kind.KEYS,
                lines -> {
                    List<Keys.Entry> entries = new ArrayList<>();
                    for (DocumentLine line : lines) {
                        if (!(line instanceof Material material)) {
                            throw new Refusal("a line that does not belong here");
                        }
                        entries.add(material.entry());
                    }
                    return new Keys(entries);
                });
    }

    private interface Assembly<T> {
        T of(List<DocumentLine> lines) throws Refusal;
    }

    private static <T> Decoded<T> decode(
            List<byte[]> pieces, DecodedLines known, Kind kind, Assembly<T> assembly) {
        int number = 0;
        try {
            whole(pieces);
            DecodedLines.Reading reading = known.begin();
            List<DocumentLine> lines = new ArrayList<>();
            byte[] begun = {};
            for (byte[] piece : pieces) {
                int start = 0;
                for (int at = 0; at < piece.length; at++) {
                    if (piece[at] != '\n') {
                        continue;
                    }
                    number++;
                    DocumentLine line;
                    if (begun.length == 0) {
                        line = reading.line(LINE, piece, start, at);
                    } else {
                        byte[] joined = joined(begun, piece, start, at);
                        line = reading.line(LINE, joined, 0, joined.length);
                        begun = new byte[0];
                    }
                    if (number == 1) {
                        head(line, kind);
                    } else {
                        lines.add(line);
                    }
                    start = at + 1;
                }
                begun = joined(begun, piece, start, piece.length);
            }
            number = 0;
            T value = assembly.of(lines);
            reading.accepted();
            return new Decoded.Accepted<>(value);
        } catch (Refusal e) {
            String where = number == 0 ? "" : "line " + number + ": ";
            return new Decoded.Refused<>(where + e.getMessage());
        } catch (IllegalArgumentException e) {
            return new Decoded.Refused<>(String.valueOf(e.getMessage()));
        }
    }

    private static void whole(List<byte[]> pieces) throws Refusal {
        long size = 0;
        int last = -1;
        for (byte[] piece : pieces) {
            size += piece.length;
            last = piece.length == 0 ? last : piece[piece.length - 1];
        }
        if (size > Limits.DOCUMENT_BYTES) {
            throw new Refusal("longer than " + Limits.DOCUMENT_BYTES + " bytes");
        }
        if (last != '\n') {
            throw new Refusal("cut: the last line does not end");
        }
    }

    /** A line may begin in one piece and end in another. */
    private static byte[] joined(byte[] begun, byte[] piece, int from, int to) {
        byte[] both = Arrays.copyOf(begun, begun.length + to - from);
        System.arraycopy(piece, from, both, begun.length, to - from);
        return both;
    }

    private static void head(DocumentLine first, Kind kind) throws Refusal {
        if (!(first instanceof Head head)) {
            throw new Refusal("not a head");
        }
        if (head.format() != FORMAT) {
            throw new Refusal("format " + head.format() + ", this reader knows " + FORMAT);
        }
        if (head.document() != kind) {
            throw new Refusal("not a document of " + kind);
        }
    }

    private static final class Writer {
        private final ByteArrayOutputStream out = new ByteArrayOutputStream(4096);

        Writer(Kind kind) {
            add(new Head(FORMAT, kind));
        }

        void add(DocumentLine line) {
            Json.write(LINE, line, out);
        }

        byte[] bytes() {
            return out.toByteArray();
        }
    }
}
