package dev.fairway.dataplane.http1;

/**
 * How large a head may be; attack ledger B24.
 *
 * @param lineBytes the longest line, request line included
 * @param headBytes all lines together
 * @param fields how many field lines: many tiny ones cost more than their bytes
 */
public record HeadLimits(int lineBytes, int headBytes, int fields) {}
