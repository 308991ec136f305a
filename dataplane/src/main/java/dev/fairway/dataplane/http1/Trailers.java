package dev.fairway.dataplane.http1;

import org.jspecify.annotations.Nullable;

/**
 * The fields behind a body (RFC 9110 6.5), in the form they have in HTTP/1 whatever the protocol. They
 * never become header fields. Which of them pass is {@link TrailerRule}'s; a field that does not is
 * {@link FieldName#DROPPED}.
 */
public final class Trailers extends Head {
    /** How large they may be: gRPC's details of an error travel here. */
    static final HeadLimits LIMITS = new HeadLimits(8 * 1024, 8 * 1024, 100);

    public Trailers() {
        fieldsBegin(0);
    }

    @Override
    public void clear() {
        super.clear();
        fieldsBegin(0);
    }

    /** Takes out what the rule does not let pass. */
    public void restrict(TrailerRule rule) {
        for (int i = 0; i < count(); i++) {
            if (!rule.passes(this, i)) {
                drop(i);
            }
        }
    }

    public void drop(int i) {
        rename(i, FieldName.DROPPED);
    }

    /** Whether no field passes. */
    public boolean isEmpty() {
        for (int i = 0; i < count(); i++) {
            if (name(i) != FieldName.DROPPED) {
                return false;
            }
        }
        return true;
    }

    /** The lines of the fields that pass, without the empty line that ends them. */
    public void writeTo(HeadWriter out) {
        int run = -1;
        for (int i = 0; i < count(); i++) {
            boolean passes = name(i) != FieldName.DROPPED;
            if (passes && run < 0) {
                run = lineStart(i);
            } else if (!passes && run >= 0) {
                out.raw(bytes(), run, lineStart(i));
                run = -1;
            }
        }
        if (run >= 0) {
            out.raw(bytes(), run, lineStart(count()));
        }
    }

    /** One that stays as it is while this one is used again. */
    public Trailers copy() {
        Trailers copy = new Trailers();
        copy.copyFrom(this);
        return copy;
    }

    /** Not there: the first line is a field. */
    @Override
    Fault startLine(int from, int to) {
        throw new IllegalStateException("trailers have no start line");
    }

    @Override
    Fault lineTooLong() {
        return Fault.FIELD_TOO_LONG;
    }

    @Override
    int emptyLinesAllowed() {
        return 0;
    }

    /**
     * Of a chunked body: what is wrong with them is a fault of the chunks.
     */
    static @Nullable Fault asChunks(@Nullable Fault fault) {
        return fault == null
                ? null
                : switch (fault.status()) {
                    case 431 -> Fault.CHUNK_OVERHEAD;
                    default -> Fault.BAD_CHUNK;
                };
    }
}
