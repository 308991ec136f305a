package dev.fairway.controller.watch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.fairway.controller.watch.YamlDocument.BrokenException;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Secret;
import java.util.List;
import org.junit.jupiter.api.Test;

class YamlDocumentTest {

    @Test
    void documents_are_cut_at_their_markers_and_numbered_without_the_empty_ones() {
        List<YamlDocument> documents =
                YamlDocument.cut("# a comment\n---\na: 1\n---\n---\n# nothing\n--- # two\nb: 2\n");
        assertEquals(2, documents.size());
        assertEquals(1, documents.get(0).number());
        assertEquals(2, documents.get(0).firstLine());
        assertEquals(2, documents.get(1).number());
        assertEquals(7, documents.get(1).firstLine());
    }

    @Test
    void a_list_yields_its_items_and_other_kinds_are_passed_over() throws BrokenException {
        List<HasMetadata> objects =
                objects(
                        """
                        apiVersion: v1
                        kind: List
                        items:
                        - apiVersion: v1
                          kind: Service
                          metadata: {name: web}
                        - apiVersion: apps/v1
                          kind: Deployment
                          metadata: {name: web}
                        """);
        assertEquals(1, objects.size());
        assertEquals("default", objects.getFirst().getMetadata().getNamespace());
    }

    @Test
    void a_file_of_JSON_is_a_document_too() throws BrokenException {
        assertEquals(
                "web",
                objects(
                                "{\"apiVersion\":\"v1\",\"kind\":\"Service\",\"metadata\":{\"name\":\"web\"}}")
                        .getFirst()
                        .getMetadata()
                        .getName());
    }

    @Test
    void stringData_becomes_data_as_an_API_server_does_it() throws BrokenException {
        Secret secret =
                (Secret)
                        objects(
                                        """
                                        apiVersion: v1
                                        kind: Secret
                                        metadata: {name: s}
                                        data: {a: eA==, b: eQ==}
                                        stringData: {b: z}
                                        """)
                                .getFirst();
        assertEquals("eA==", secret.getData().get("a"));
        assertEquals("eg==", secret.getData().get("b"));
    }

    @Test
    void a_value_of_the_wrong_type_is_named_by_path_and_line_but_never_quoted() {
        BrokenException broken =
                assertThrows(
                        BrokenException.class,
                        () ->
                                objects(
                                        """
                                        apiVersion: v1
                                        kind: Service
                                        metadata: {name: web}
                                        spec:
                                          ports:
                                          - name: http
                                            port: eighty
                                        """));
        assertEquals(7, broken.line);
        assertEquals(
                "spec.ports[0].port: a value of another type is expected", broken.getMessage());
        assertFalse(broken.getMessage().contains("eighty"));
    }

    @Test
    void a_syntax_error_is_named_by_line() {
        BrokenException broken =
                assertThrows(BrokenException.class, () -> objects("a: 1\nb: [1, 2\nc: 3\n"));
        assertEquals(3, broken.line);
    }

    @Test
    void an_object_without_a_name_and_a_mistyped_kind_are_refused() {
        assertEquals(
                "Service: metadata.name is missing",
                assertThrows(
                                BrokenException.class,
                                () -> objects("apiVersion: v1\nkind: Service\nmetadata: {}\n"))
                        .getMessage());
        assertEquals(
                "\"extensions/v1beta1\" \"Ingress\" is not read; did you mean networking.k8s.io/v1"
                        + " Ingress?",
                assertThrows(
                                BrokenException.class,
                                () -> objects("apiVersion: extensions/v1beta1\nkind: Ingress\n"))
                        .getMessage());
    }

    @Test
    void a_kind_no_API_group_of_ours_has_is_refused_and_its_neighbours_are_not()
            throws BrokenException {
        BrokenException broken =
                assertThrows(
                        BrokenException.class,
                        () -> objects("apiVersion: networking.k8s.io/v1\nkind: Ingres\n"));
        assertEquals(
                "\"networking.k8s.io/v1\" \"Ingres\" is not read; did you mean"
                        + " networking.k8s.io/v1 Ingress?",
                broken.getMessage());
        assertEquals(2, broken.line);
        assertEquals(List.of(), objects("apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\n"));
    }

    @Test
    void the_line_of_an_error_is_one_that_the_document_has() {
        assertEquals(1, assertThrows(BrokenException.class, () -> objects("a: [\n\n\n")).line);
    }

    @Test
    void an_alias_bomb_is_refused() {
        StringBuilder bomb = new StringBuilder("a0: &a0 [x]\n");
        for (int i = 1; i < 60; i++) {
            bomb.append("a%d: &a%d [*a%d, *a%d]\n".formatted(i, i, i - 1, i - 1));
        }
        assertThrows(BrokenException.class, () -> objects(bomb.toString()));
    }

    private static List<HasMetadata> objects(String text) throws BrokenException {
        return new YamlDocument(1, 1, text).objects();
    }
}
