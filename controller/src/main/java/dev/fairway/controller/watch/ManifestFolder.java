package dev.fairway.controller.watch;

import dev.fairway.contract.resource.DataPlane;
import dev.fairway.controller.compile.ClusterState;
import dev.fairway.controller.compile.Problem;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.discovery.v1.EndpointSlice;
import io.fabric8.kubernetes.api.model.networking.v1.Ingress;
import io.fabric8.kubernetes.api.model.networking.v1.IngressClass;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A folder of manifests as a view. What a document said when it was last good holds while it is
 * broken. Used by one thread.
 */
final class ManifestFolder {

    /** A file with more is not read: YAML of this size is a mistake. */
    static final long FILE_BYTES = 8 << 20;

    private final Path root;

    /** By file and number of the document. */
    private Map<String, SortedMap<Integer, Said>> lastGood = new HashMap<>();

    ManifestFolder(Path root) {
        this.root = root;
    }

    /** The files of the folder, sorted, with what tells one state of a file from another. */
    Map<Path, String> stamps() throws IOException {
        Map<Path, String> stamps = new TreeMap<>();
        try (Stream<Path> files = Files.walk(root)) {
            for (Path file : files.filter(ManifestFolder::isManifest).toList()) {
                try {
                    stamps.put(
                            file,
                            Files.getLastModifiedTime(file).toMillis() + " " + Files.size(file));
                } catch (IOException e) {
                    // gone between the listing and the look at it: the next round tells
                    continue;
                }
            }
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
        return stamps;
    }

    private static boolean isManifest(Path file) {
        String name = file.getFileName().toString();
        return (name.endsWith(".yaml") || name.endsWith(".yml") || name.endsWith(".json"))
                // editors' lock and backup files
                && !name.startsWith(".")
                && Files.isRegularFile(file);
    }

    View read(Iterable<Path> files) {
        Reading reading = new Reading();
        for (Path file : files) {
            String name = root.relativize(file).toString();
            SortedMap<Integer, Said> before = lastGood.getOrDefault(name, new TreeMap<>());
            try {
                for (YamlDocument document : documents(file)) {
                    reading.document(name, document, before.get(document.number()));
                }
            } catch (IOException e) {
                reading.unreadable(name, e);
                before.forEach((number, said) -> reading.said(name, number, said));
            }
        }
        lastGood = reading.good;
        return view(List.copyOf(reading.objects.values()), reading.problems);
    }

    private static List<YamlDocument> documents(Path file) throws IOException {
        if (Files.size(file) > FILE_BYTES) {
            throw new IOException("larger than " + FILE_BYTES + " bytes");
        }
        return YamlDocument.cut(Files.readString(file));
    }

    /** The objects of a document, and where it began. */
    private record Said(int firstLine, List<HasMetadata> objects) {}

    /** One pass over all files. */
    private static final class Reading {
        final Map<String, SortedMap<Integer, Said>> good = new HashMap<>();
        final Map<String, HasMetadata> objects = new LinkedHashMap<>();
        final Map<String, String> origin = new HashMap<>();
        final List<Problem> problems = new ArrayList<>();

        void document(String file, YamlDocument document, @Nullable Said before) {
            try {
                said(file, document.number(), new Said(document.firstLine(), document.objects()));
            } catch (YamlDocument.BrokenException e) {
                boolean kept = before != null && !before.objects().isEmpty();
                problems.add(broken(file, document, e, kept));
                if (before != null) {
                    said(file, document.number(), before);
                }
            }
        }

        void unreadable(String file, IOException e) {
            String why =
                    e instanceof CharacterCodingException
                            ? "not UTF-8 text"
                            : String.valueOf(e.getMessage());
            problems.add(
                    problem("UnreadableFile", file, "", "The file can't be read: " + why + "."));
        }

        void said(String file, int number, Said said) {
            good.computeIfAbsent(file, f -> new TreeMap<>()).put(number, said);
            for (HasMetadata object : said.objects()) {
                String namespace = object.getMetadata().getNamespace();
                String id =
                        object.getKind()
                                + " "
                                + (namespace == null ? "" : namespace + "/")
                                + object.getMetadata().getName();
                if (objects.putIfAbsent(id, object) == null) {
                    origin.put(id, file + ", document " + number);
                } else {
                    problems.add(
                            problem(
                                    "DuplicateObject",
                                    file,
                                    "document " + number + ", line " + said.firstLine(),
                                    id
                                            + " is already in "
                                            + origin.get(id)
                                            + "; that one is used."));
                }
            }
        }
    }

    private static Problem broken(
            String file, YamlDocument document, YamlDocument.BrokenException e, boolean kept) {
        String after =
                kept ? " What it said when it was last good stays in use." : " It is left out.";
        return problem(
                "BrokenDocument",
                file,
                "document " + document.number() + ", line " + e.line,
                shortened(String.valueOf(e.getMessage())) + "." + after);
    }

    private static Problem problem(String code, String file, String field, String text) {
        return new Problem(code, new Problem.Subject("File", "", file), field, text);
    }

    private static String shortened(String text) {
        return text.length() <= 256 ? text : text.substring(0, 256) + "…";
    }

    private static View view(List<HasMetadata> objects, List<Problem> problems) {
        return new View(
                new ClusterState(
                        only(objects, Ingress.class),
                        only(objects, IngressClass.class),
                        only(objects, Service.class),
                        only(objects, EndpointSlice.class),
                        only(objects, Secret.class),
                        only(objects, ConfigMap.class)),
                objects.stream()
                        .filter(DataPlane.class::isInstance)
                        .map(DataPlane.class::cast)
                        .findFirst(),
                List.of(),
                List.of(),
                new TreeMap<>(),
                problems);
    }

    private static <T> List<T> only(List<HasMetadata> objects, Class<T> type) {
        return objects.stream().filter(type::isInstance).map(type::cast).toList();
    }
}
