/// Writes a container image without a container engine: an OCI layout in a tar, as `ctr images import`, podman, skopeo and docker read it.
///
///     java OciImage.java --name REF --out FILE.tar --layer FOLDER... [--user UID:GID] [--env K=V]... [--expose PORT]... -- ENTRYPOINT...
///
/// Each folder becomes one layer with its modes and links; the owner is root and every time zero, so the same folders give the same image.
void main(String[] args) throws Exception {
    String name = null;
    Path out = null;
    var user = "65532:65532";
    var layers = new ArrayList<Path>();
    var env = new ArrayList<String>();
    var ports = new ArrayList<String>();
    int i = 0;
    for (; i < args.length && !args[i].equals("--"); i += 2) {
        var value = args[i + 1];
        switch (args[i]) {
            case "--name" -> name = value;
            case "--out" -> out = Path.of(value);
            case "--layer" -> layers.add(Path.of(value));
            case "--user" -> user = value;
            case "--env" -> env.add(value);
            case "--expose" -> ports.add(value);
            default -> throw new IllegalArgumentException("unknown: " + args[i]);
        }
    }
    if (name == null || out == null || layers.isEmpty()) {
        throw new IllegalArgumentException("--name, --out and --layer are needed");
    }
    var entrypoint = List.of(args).subList(Math.min(i + 1, args.length), args.length);

    var blobs = new ArrayList<Blob>();
    try {
        for (var layer : layers) {
            blobs.add(layer(layer));
        }
        var config = """
            {"architecture":%s,"os":"linux","created":"1970-01-01T00:00:00Z",\
            "config":{"User":%s,"Env":[%s],"Entrypoint":[%s],"WorkingDir":"/","ExposedPorts":{%s}},\
            "rootfs":{"type":"layers","diff_ids":[%s]},"history":[%s]}"""
                .formatted(quote(architecture()), quote(user), quoted(env), quoted(entrypoint),
                        ports.stream().map(p -> quote(p + "/tcp") + ":{}").collect(Collectors.joining(",")),
                        quoted(blobs.stream().map(Blob::digest).toList()),
                        blobs.stream().map(_ -> "{\"created_by\":\"hack/image\"}").collect(Collectors.joining(","))).getBytes(StandardCharsets.UTF_8);
        var manifest = """
            {"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json",\
            "config":{"mediaType":"application/vnd.oci.image.config.v1+json","digest":%s,"size":%d},"layers":[%s]}"""
                .formatted(quote(digest(config)), config.length,
                        blobs.stream().map(b -> """
                            {"mediaType":"application/vnd.oci.image.layer.v1.tar","digest":%s,"size":%d}"""
                                .formatted(quote(b.digest()), b.size())).collect(Collectors.joining(","))).getBytes(StandardCharsets.UTF_8);
        var index = """
            {"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[\
            {"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":%s,"size":%d,\
            "annotations":{"io.containerd.image.name":%s,"org.opencontainers.image.ref.name":%s}}]}"""
                .formatted(quote(digest(manifest)), manifest.length, quote(name), quote(name.substring(name.lastIndexOf(':') + 1)))
                .getBytes(StandardCharsets.UTF_8);

        Files.createDirectories(out.toAbsolutePath().getParent());
        try (var tar = new Tar(Files.newOutputStream(out))) {
            tar.file("oci-layout", 0644, "{\"imageLayoutVersion\":\"1.0.0\"}".getBytes(StandardCharsets.UTF_8));
            tar.file("index.json", 0644, index);
            tar.file(blobPath(digest(config)), 0644, config);
            tar.file(blobPath(digest(manifest)), 0644, manifest);
            for (var blob : blobs) {
                tar.file(blobPath(blob.digest()), 0644, blob.file());
            }
        }
    } finally {
        for (var blob : blobs) {
            Files.deleteIfExists(blob.file());
        }
    }
    System.out.printf("%s: %s, %d MiB%n", name, out, Files.size(out) >> 20);
}

record Blob(Path file, String digest, long size) {}

Blob layer(Path root) throws Exception {
    var file = Files.createTempFile("layer", ".tar");
    var sha = MessageDigest.getInstance("SHA-256");
    List<Path> paths;
    try (var walk = Files.walk(root)) {
        paths = walk.filter(p -> !p.equals(root)).sorted().toList();
    }
    try (var tar = new Tar(new DigestOutputStream(Files.newOutputStream(file), sha))) {
        for (var path : paths) {
            var name = root.relativize(path).toString();
            int mode = (int) Files.getAttribute(path, "unix:mode", LinkOption.NOFOLLOW_LINKS) & 07777;
            if (Files.isSymbolicLink(path)) {
                tar.link(name, Files.readSymbolicLink(path).toString());
            } else if (Files.isDirectory(path)) {
                tar.folder(name, mode);
            } else {
                tar.file(name, mode, path);
            }
        }
    }
    return new Blob(file, "sha256:" + HexFormat.of().formatHex(sha.digest()), Files.size(file));
}

/// POSIX ustar: 512-byte headers, owner root, time zero.
static final class Tar implements AutoCloseable {
    private static final int BLOCK = 512;
    private final OutputStream out;

    Tar(OutputStream out) {
        this.out = new BufferedOutputStream(out, 1 << 16);
    }

    void folder(String name, int mode) throws IOException {
        header(name + "/", mode, 0, '5', "");
    }

    void link(String name, String target) throws IOException {
        header(name, 0777, 0, '2', target);
    }

    void file(String name, int mode, byte[] content) throws IOException {
        header(name, mode, content.length, '0', "");
        out.write(content);
        pad(content.length);
    }

    void file(String name, int mode, Path content) throws IOException {
        long size = Files.size(content);
        header(name, mode, size, '0', "");
        try (InputStream in = Files.newInputStream(content)) {
            in.transferTo(out);
        }
        pad(size);
    }

    private void header(String name, int mode, long size, char type, String target) throws IOException {
        var prefix = "";
        if (name.length() > 100) {
            int slash = name.lastIndexOf('/', Math.min(155, name.length() - 2));
            prefix = name.substring(0, Math.max(slash, 0));
            name = name.substring(slash + 1);
        }
        if (name.length() > 100 || target.length() > 100) {
            throw new IOException("too long for ustar: " + name + " " + target);
        }
        var block = new byte[BLOCK];
        put(block, 0, name);
        put(block, 100, "%07o".formatted(mode));
        put(block, 108, "0000000");
        put(block, 116, "0000000");
        put(block, 124, "%011o".formatted(size));
        put(block, 136, "00000000000");
        put(block, 148, "        "); // the checksum counts itself as blanks
        block[156] = (byte) type;
        put(block, 157, target);
        put(block, 257, "ustar\00000");
        put(block, 345, prefix);
        int sum = 0;
        for (var b : block) {
            sum += b & 0xff;
        }
        put(block, 148, "%06o\0 ".formatted(sum));
        out.write(block);
    }

    private static void put(byte[] block, int at, String text) {
        var bytes = text.getBytes(StandardCharsets.UTF_8);
        System.arraycopy(bytes, 0, block, at, bytes.length);
    }

    private void pad(long size) throws IOException {
        out.write(new byte[(int) ((BLOCK - size % BLOCK) % BLOCK)]);
    }

    @Override
    public void close() throws IOException {
        out.write(new byte[2 * BLOCK]);
        out.close();
    }
}

String blobPath(String digest) {
    return "blobs/sha256/" + digest.substring("sha256:".length());
}

String digest(byte[] content) throws Exception {
    return "sha256:" + HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(content));
}

String architecture() {
    return switch (System.getProperty("os.arch")) {
        case "amd64", "x86_64" -> "amd64";
        case "aarch64" -> "arm64";
        case String other -> other;
    };
}

String quoted(List<String> values) {
    return values.stream().map(this::quote).collect(Collectors.joining(","));
}

String quote(String value) {
    return '"' + value.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
}
