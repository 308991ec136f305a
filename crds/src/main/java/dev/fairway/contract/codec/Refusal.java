package dev.fairway.contract.codec;

import java.io.IOException;

/** Carries a reason out of the reader; never leaves this package. */
final class Refusal extends IOException {
    private static final long serialVersionUID = 1L;

    Refusal(String reason) {
        super(reason);
    }

    Refusal(String reason, Throwable cause) {
        super(reason, cause);
    }
}
