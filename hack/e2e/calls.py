"""Calls of a real gRPC client (grpcio) through the data plane to the sample backend; one line for each check.

    calls.py ADDRESS:PORT HOST HOST-WITHOUT-ROUTE [PEM]      PEM: by TLS, trusting this certificate; the second host may be empty
"""
import sys
import threading
import time

import grpc

target, host, nowhere = sys.argv[1:4]
pem = open(sys.argv[4], "rb").read() if len(sys.argv) > 4 else None


def channel(authority):
    options = [("grpc.default_authority", authority), ("grpc.enable_retries", 0)]
    if pem is None:
        return grpc.insecure_channel(target, options)
    options.append(("grpc.ssl_target_name_override", authority))
    return grpc.secure_channel(target, grpc.ssl_channel_credentials(pem), options)


def check(name, holds, detail):
    print(("ok   " if holds else "FAIL ") + name + ": " + str(detail), flush=True)


def failure(begin):
    try:
        return begin(), None
    except grpc.RpcError as error:
        return None, error


def method(of, kind, name):
    return getattr(of, kind)("/fairway.echo.Echo/" + name)


with channel(host) as open_channel:
    echo = method(open_channel, "unary_unary", "Echo")
    answer, call = echo.with_call(b"hello", timeout=10, metadata=[("x-one", "1")])
    trailers = dict(call.trailing_metadata())
    check("a unary call is answered", answer == b"hello", answer)
    check("trailers arrive", "x-echo-pod" in trailers, trailers)
    check("the deadline reaches the backend", trailers.get("x-echo-timeout", "") != "", trailers.get("x-echo-timeout"))

    large = bytes(range(256)) * 4096
    check("a message of 1 MiB is whole", echo(large, timeout=20) == large, len(large))
    many = [call.result() == b"%d" % i for i, call in [(i, echo.future(b"%d" % i, timeout=20)) for i in range(200)]]
    check("200 calls at once are answered, each its own", all(many), sum(many))

    began = time.monotonic()
    times = [time.monotonic() - began for _ in method(open_channel, "unary_stream", "Count")(
        b"tick", timeout=10, metadata=[("x-count", "5"), ("x-pause", "200")])]
    check("a stream of answers comes one by one", len(times) == 5 and times[0] < 0.5 <= times[4], [round(t, 2) for t in times])

    turn = threading.Semaphore(1)

    def questions():
        for i in range(5):
            turn.acquire(timeout=5)
            yield b"%d" % i

    got = []
    for answer in method(open_channel, "stream_stream", "Echo")(questions(), timeout=20):
        got.append(answer)
        turn.release()  # the next question waits for this answer: nothing is held back
    check("both sides talk in turn", got == [b"%d" % i for i in range(5)], got)

    _, error = failure(lambda: method(open_channel, "unary_unary", "Status")(b"", timeout=10, metadata=[("x-status", "5")]))
    check("the backend's own status arrives", error and error.code() == grpc.StatusCode.NOT_FOUND, error and error.code())

    began = time.monotonic()
    _, error = failure(lambda: method(open_channel, "unary_unary", "Never")(b"x", timeout=1))
    took = time.monotonic() - began
    check("a call that is never answered ends with its deadline",
          error and error.code() == grpc.StatusCode.DEADLINE_EXCEEDED and 0.8 < took < 3, "%s after %.2f s" % (error and error.code(), took))

if nowhere:  # by TLS there is no certificate for it
    with channel(nowhere) as lost:
        _, error = failure(lambda: method(lost, "unary_unary", "Echo")(b"x", timeout=5))
        check("our own error is a status of gRPC", error and error.code() == grpc.StatusCode.UNIMPLEMENTED and "served" in error.details(),
              error and (error.code(), error.details()))
