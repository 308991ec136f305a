package dev.fairway.controller.watch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.fairway.controller.compile.Problem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ManifestFolderTest {

    @TempDir private Path root;

    @Test
    void the_first_of_two_files_by_name_owns_an_object_and_the_other_is_reported()
            throws IOException {
        Files.writeString(root.resolve("b.yaml"), service("web", "second"));
        Files.writeString(root.resolve("a.yaml"), service("web", "first"));

        View view = read(new ManifestFolder(root));

        assertEquals(1, view.state().services().size());
        assertEquals(
                "first", view.state().services().getFirst().getMetadata().getLabels().get("from"));
        Problem problem = view.problems().getFirst();
        assertEquals("DuplicateObject", problem.code());
        assertEquals("b.yaml", problem.object().name());
        assertEquals(
                "Service default/web is already in a.yaml, document 1; that one is used.",
                problem.text());
    }

    @Test
    void a_file_that_is_no_text_keeps_what_it_said_before() throws IOException {
        ManifestFolder folder = new ManifestFolder(root);
        Path file = root.resolve("a.yaml");
        Files.writeString(file, service("web", "x"));
        assertEquals(1, read(folder).state().services().size());

        Files.write(file, new byte[] {(byte) 0xc3, 0x28});
        View view = read(folder);

        assertEquals(1, view.state().services().size());
        assertEquals("The file can't be read: not UTF-8 text.", view.problems().getFirst().text());
    }

    @Test
    void only_manifests_are_read_and_hidden_files_are_not() throws IOException {
        Files.writeString(root.resolve(".#a.yaml"), "half written");
        Files.writeString(root.resolve("README.md"), "text");
        assertTrue(new ManifestFolder(root).stamps().isEmpty());
    }

    private static View read(ManifestFolder folder) throws IOException {
        return folder.read(folder.stamps().keySet());
    }

    private static String service(String name, String from) {
        return """
        apiVersion: v1
        kind: Service
        metadata: {name: %s, labels: {from: %s}}
        """
                .formatted(name, from);
    }
}
