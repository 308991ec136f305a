package dev.fairway.controller.publish;

import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.READ;
import static java.nio.file.StandardOpenOption.TRUNCATE_EXISTING;
import static java.nio.file.StandardOpenOption.WRITE;

import dev.fairway.contract.codec.Chunks;
import dev.fairway.contract.codec.Chunks.Chunk;
import dev.fairway.contract.codec.SharedConfig;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Shared config in a folder. Every file is written beside its place, forced to disk and renamed;
 * the manifest comes last. A lock file keeps a second writer out for as long as this one lives.
 */
public final class FolderCarrier implements Carrier {

    private static final String LOCK_FILE = ".lock";
    private static final Set<PosixFilePermission> PRIVATE =
            PosixFilePermissions.fromString("rw-------");

    private final Path root;
    private final boolean posix;

    /** Held from the first read on. */
    private @Nullable FileLock lock;

    private @Nullable FileChannel lockFile;

    public FolderCarrier(Path root) {
        this.root = root;
        this.posix = root.getFileSystem().supportedFileAttributeViews().contains("posix");
    }

    @Override
    public void start(Runnable damaged) {
        // the periodic look is enough for a folder
    }

    @Override
    public Optional<Stored> read() throws IOException {
        lock();
        try {
            byte[] manifest = Files.readAllBytes(root.resolve(SharedConfig.MANIFEST_FILE));
            return Optional.of(new Stored(manifest, Chunks.hash(manifest)));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
    }

    @Override
    public byte @Nullable [] chunk(Content content, String hash) throws IOException {
        try {
            return Files.readAllBytes(folder(content).resolve(hash));
        } catch (NoSuchFileException e) {
            return null;
        }
    }

    @Override
    public boolean write(Content content, Chunk chunk) throws IOException {
        byte[] there = chunk(content, chunk.hash());
        if (there != null && Chunks.hash(there).equals(chunk.hash())) {
            return false;
        }
        place(folder(content).resolve(chunk.hash()), chunk.bytes(), content == Content.KEYS);
        return true;
    }

    @Override
    public String replace(Optional<String> version, byte[] manifest) throws IOException {
        if (!read().map(Stored::version).equals(version)) {
            throw new ConflictException("another manifest is in " + root);
        }
        place(root.resolve(SharedConfig.MANIFEST_FILE), manifest, false);
        return Chunks.hash(manifest);
    }

    @Override
    public Set<String> stored(Content content) throws IOException {
        try (Stream<Path> files = Files.list(folder(content))) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> name.length() == 64)
                    .map(Carrier::shortId)
                    .collect(Collectors.toSet());
        } catch (NoSuchFileException e) {
            return Set.of();
        }
    }

    @Override
    public void delete(Content content, String shortId) throws IOException {
        try (Stream<Path> files = Files.list(folder(content))) {
            for (Path file :
                    files.filter(f -> f.getFileName().toString().startsWith(shortId)).toList()) {
                Files.deleteIfExists(file);
            }
        }
    }

    @Override
    public void close() {
        try (FileChannel held = lockFile) {
            lock = null;
        } catch (IOException e) {
            // the lock ends with the process at the latest
        }
    }

    private void lock() throws IOException {
        if (lock != null && Files.isDirectory(root)) {
            return;
        }
        close();
        Files.createDirectories(folder(Content.CONFIG));
        Files.createDirectories(folder(Content.KEYS), folderMode());
        lockFile = FileChannel.open(root.resolve(LOCK_FILE), CREATE, WRITE);
        try {
            lock = lockFile.tryLock();
        } catch (OverlappingFileLockException e) {
            lock = null;
        }
        if (lock == null) {
            close();
            throw new IOException("another controller writes to " + root);
        }
    }

    private FileAttribute<?>[] folderMode() {
        return posix
                ? new FileAttribute<?>[] {
                    PosixFilePermissions.asFileAttribute(
                            PosixFilePermissions.fromString("rwx------"))
                }
                : new FileAttribute<?>[0];
    }

    private Path folder(Content content) {
        return switch (content) {
            case CONFIG -> root.resolve(SharedConfig.CHUNK_FOLDER);
            case KEYS -> root.resolve(SharedConfig.KEY_FOLDER);
        };
    }

    private void place(Path file, byte[] bytes, boolean secret) throws IOException {
        Path folder = file.resolveSibling(".");
        if (!Files.isDirectory(folder)) {
            lock = null;
            lock();
        }
        Path draft = file.resolveSibling("." + file.getFileName() + ".new");
        FileAttribute<?>[] mode =
                secret && posix
                        ? new FileAttribute<?>[] {PosixFilePermissions.asFileAttribute(PRIVATE)}
                        : new FileAttribute<?>[0];
        try (FileChannel out =
                FileChannel.open(draft, Set.of(CREATE, WRITE, TRUNCATE_EXISTING), mode)) {
            ByteBuffer left = ByteBuffer.wrap(bytes);
            while (left.hasRemaining()) {
                out.write(left);
            }
            out.force(true);
        }
        Files.move(
                draft, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        force(folder);
    }

    /** A rename lasts only once its folder is on disk; not every system can be asked to. */
    private static void force(Path folder) {
        try (FileChannel channel = FileChannel.open(folder, READ)) {
            channel.force(true);
        } catch (IOException e) {
            return;
        }
    }
}
