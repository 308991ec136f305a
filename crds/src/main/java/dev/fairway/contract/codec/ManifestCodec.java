package dev.fairway.contract.codec;

import java.io.ByteArrayOutputStream;

/** Manifest ⇄ bytes. Thread-safe. */
public final class ManifestCodec {
    private ManifestCodec() {}

    private static final Shape SHAPE = Shape.of(Manifest.class);

    public static byte[] encode(Manifest manifest) {
        ByteArrayOutputStream out = new ByteArrayOutputStream(1024);
        Json.write(SHAPE, manifest, out);
        return out.toByteArray();
    }

    public static Decoded<Manifest> decode(byte[] bytes) {
        if (bytes.length > Limits.MANIFEST_BYTES) {
            return new Decoded.Refused<>("longer than " + Limits.MANIFEST_BYTES + " bytes");
        }
        try {
            Manifest manifest = (Manifest) Json.read(SHAPE, bytes, 0, bytes.length);
            if (manifest.format() != SnapshotCodec.FORMAT) {
                return new Decoded.Refused<>(
                        "format "
                                + manifest.format()
                                + ", this reader knows "
                                + SnapshotCodec.FORMAT);
            }
            return new Decoded.Accepted<>(manifest);
        } catch (Refusal e) {
            return new Decoded.Refused<>(String.valueOf(e.getMessage()));
        }
    }
}
