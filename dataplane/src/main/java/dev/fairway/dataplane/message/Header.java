package dev.fairway.dataplane.message;

/** One field line. The writer checks name and value again on the way out (attack ledger B22). */
public record Header(String name, String value) {}
