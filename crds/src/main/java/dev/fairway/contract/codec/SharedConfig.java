package dev.fairway.contract.codec;

/**
 * How shared config is named, on either carrier; both halves use these and nothing else.
 *
 * <p>Kubernetes, in a namespace that holds nothing else: the manifest is a ConfigMap, chunks of
 * routes and endpoints are immutable ConfigMaps, chunks of keys immutable Secrets. Folder: {@code
 * manifest.json}, {@code chunks/HASH}, {@code keys/HASH}.
 */
public final class SharedConfig {
    private SharedConfig() {}

    /** Label with the data plane's id on every object. */
    public static final String DATA_PLANE_LABEL = "fairway.dev/data-plane";

    /** Label that says {@code manifest}, {@code chunk} or {@code keys}. */
    public static final String CONTENT_LABEL = "fairway.dev/content";

    /** Data key of the manifest ConfigMap. */
    public static final String MANIFEST_KEY = "manifest";

    /** Data key of a chunk, in {@code data} of ConfigMaps and Secrets. */
    public static final String CHUNK_KEY = "chunk";

    /** Type of the Secrets. */
    public static final String SECRET_TYPE = "fairway.dev/chunk";

    public static final String MANIFEST_FILE = "manifest.json";
    public static final String CHUNK_FOLDER = "chunks";
    public static final String KEY_FOLDER = "keys";

    /** The id of a data plane: {@code namespace.name}. */
    public static String id(String namespace, String name) {
        return namespace + "." + name;
    }

    public static String manifestName(String id) {
        return id + ".manifest";
    }

    /** 160 bits of the hash are enough for a name; readers check all of it. */
    public static String chunkName(String id, String hash) {
        return id + "." + hash.substring(0, 40);
    }
}
