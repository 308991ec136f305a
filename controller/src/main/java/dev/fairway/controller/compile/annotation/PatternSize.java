package dev.fairway.controller.compile.annotation;

import java.util.ArrayDeque;
import java.util.Deque;

/**
 * How large a pattern's program becomes, before it is compiled: nested counted repetitions multiply,
 * so that thirty characters can ask for a billion instructions. Never less than what RE2 makes of
 * the text; brackets end at the first {@code ]}, which can only count too much.
 */
final class PatternSize {
    private final String text;
    private final Deque<Long> outer = new ArrayDeque<>();
    private long sum;
    private long last;
    private int at;

    private PatternSize(String text) {
        this.text = text;
    }

    /** Saturates far above every limit. */
    static long estimate(String text) {
        return new PatternSize(text).estimate();
    }

    private long estimate() {
        while (at < text.length()) {
            char c = text.charAt(at++);
            switch (c) {
                case '(' -> {
                    settle();
                    outer.push(sum);
                    sum = 2;
                }
                case ')' -> {
                    settle();
                    last = sum;
                    sum = outer.isEmpty() ? 0 : outer.pop();
                }
                case '[' -> {
                    settle();
                    bracket();
                    last = 1;
                }
                case '{' -> repeat();
                case '\\' -> {
                    settle();
                    at++;
                    last = 1;
                }
                default -> {
                    settle();
                    last = 1;
                }
            }
        }
        settle();
        while (!outer.isEmpty()) {
            sum = bounded(sum + outer.pop());
        }
        return sum;
    }

    private void settle() {
        sum = bounded(sum + last);
        last = 0;
    }

    private void bracket() {
        while (at < text.length() && text.charAt(at) != ']') {
            at += text.charAt(at) == '\\' ? 2 : 1;
        }
        at++;
    }

    /** {@code {n}}, {@code {n,}}, {@code {n,m}}; anything else in braces is literal. */
    private void repeat() {
        int close = text.indexOf('}', at);
        String inner = close < 0 ? "" : text.substring(at, close);
        if (Grammars.matching(inner, "[0-9]{1,9}(,[0-9]{0,9})?").isEmpty()) {
            settle();
            last = 1;
            return;
        }
        long times = 1;
        for (String bound : inner.split(",", 2)) {
            times = Math.max(times, bound.isEmpty() ? 1 : Long.parseLong(bound) + 1);
        }
        last = bounded(Math.max(last, 1) * times);
        at = close + 1;
    }

    private static long bounded(long size) {
        return Math.min(size, Integer.MAX_VALUE);
    }
}
