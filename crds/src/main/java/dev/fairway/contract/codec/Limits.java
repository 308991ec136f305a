package dev.fairway.contract.codec;

import com.fasterxml.jackson.core.StreamReadConstraints;

/** What a document may be at most; beyond it is refused, whoever wrote it. */
public final class Limits {
    private Limits() {}

    /** A document in bytes: ten thousand Ingresses with every policy take about a tenth of it. */
    public static final int DOCUMENT_BYTES = 128 << 20;

    /** A manifest in bytes: it must fit a ConfigMap. */
    public static final int MANIFEST_BYTES = 900 << 10;

    /** A chunk in bytes: leaves room for the escaping and Base64 of a 900 KiB object. */
    public static final int CHUNK_BYTES = 384 << 10;

    /** Elements of one list. */
    static final int LIST_ELEMENTS = 1_000_000;

    /** Nesting of the contract is below ten. */
    static final int DEPTH = 32;

    static final StreamReadConstraints READ =
            StreamReadConstraints.builder()
                    .maxNestingDepth(DEPTH)
                    .maxStringLength(4 << 20)
                    .maxNumberLength(20)
                    .maxNameLength(128)
                    .maxDocumentLength(DOCUMENT_BYTES)
                    .build();
}
