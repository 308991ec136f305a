package dev.fairway.contract.codec;

/** What decoding yields: the whole value, or the reason why it is refused. Never an exception. */
public sealed interface Decoded<T> {

    record Accepted<T>(T value) implements Decoded<T> {}

    /**
     * @param reason what is wrong and where, without any value of the document
     */
    record Refused<T>(String reason) implements Decoded<T> {}
}
