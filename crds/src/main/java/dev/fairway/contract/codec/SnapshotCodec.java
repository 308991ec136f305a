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
import java.util.List;
import org.jspecify.annotations.Nullable;

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
        return decode(
                bytes,
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
        return decode(
                bytes,
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
        return decode(
                bytes,
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

    private static <T> Decoded<T> decode(byte[] bytes, Kind kind, Assembly<T> assembly) {
        int number = 0;
        try {
            if (bytes.length > Limits.DOCUMENT_BYTES) {
                throw new Refusal("longer than " + Limits.DOCUMENT_BYTES + " bytes");
            }
            if (bytes.length == 0 || bytes[bytes.length - 1] != '\n') {
                throw new Refusal("cut: the last line does not end");
            }
            List<DocumentLine> lines = new ArrayList<>();
            int start = 0;
            for (int at = 0; at < bytes.length; at++) {
                if (bytes[at] == '\n') {
                    number++;
                    DocumentLine line =
                            number == 1
                                    ? head(bytes, at, kind)
                                    : (DocumentLine) Json.read(LINE, bytes, start, at - start);
                    if (number > 1) {
                        lines.add(line);
                    }
                    start = at + 1;
                }
            }
            number = 0;
            return new Decoded.Accepted<>(assembly.of(lines));
        } catch (Refusal e) {
            String where = number == 0 ? "" : "line " + number + ": ";
            return new Decoded.Refused<>(where + e.getMessage());
        } catch (IllegalArgumentException e) {
            return new Decoded.Refused<>(String.valueOf(e.getMessage()));
        }
    }

    private static Head head(byte[] bytes, int end, Kind kind) throws Refusal {
        @Nullable Object first = Json.read(LINE, bytes, 0, end);
        if (!(first instanceof Head head)) {
            throw new Refusal("not a head");
        }
        if (head.format() != FORMAT) {
            throw new Refusal("format " + head.format() + ", this reader knows " + FORMAT);
        }
        if (head.document() != kind) {
            throw new Refusal("not a document of " + kind);
        }
        return head;
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
