package dev.fairway.dataplane.message;

import java.util.concurrent.Executor;

/**
 * What a policy may touch of an exchange. Implemented by the exchange itself; all methods are called
 * on its event loop.
 */
public interface PolicyContext {

    Request request();

    /** Sends this field upstream in place of any the client sent under the name. */
    void setUpstreamHeader(String lowerCaseName, String value);

    /** Does not forward the client's fields of this name. */
    void dropUpstreamHeader(String lowerCaseName);

    /** Adds a field to the final response, replacing the backend's of that name. */
    void setResponseHeader(String name, String value);

    /** The same, for what is the same each time. */
    void setResponseHeader(FixedHeader field);

    /** Adds a field line to the final response beside the backend's (Set-Cookie). */
    void addResponseHeader(String name, String value);

    /** Names the authenticated user for the access log. */
    void remoteUser(String name);

    /** Runs exactly once when the exchange ends, however it ends. */
    void onFinish(Runnable release);

    /** The exchange's event loop. */
    Executor loop();
}
