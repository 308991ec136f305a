package dev.fairway.dataplane.balance;

import java.util.Arrays;

/** The endpoints a request has failed on: a handful, so a scan. Owned by the exchange's loop. */
public final class Tried {
    private Endpoint[] endpoints = new Endpoint[4];
    private int count;

    public boolean contains(Endpoint endpoint) {
        for (int i = 0; i < count; i++) {
            if (endpoints[i] == endpoint) {
                return true;
            }
        }
        return false;
    }

    public void add(Endpoint endpoint) {
        if (count == endpoints.length) {
            endpoints = Arrays.copyOf(endpoints, count * 2);
        }
        endpoints[count++] = endpoint;
    }

    public int size() {
        return count;
    }

    public void clear() {
        Arrays.fill(endpoints, 0, count, null);
        count = 0;
    }
}
