"""What an ASGI server (uvicorn on h11) saw of a request, as lines of hex. Run by hack/differential."""


async def application(scope, receive, send):
    if scope["type"] != "http":
        return
    body, more = b"", True
    while more:
        message = await receive()
        if message["type"] != "http.request":
            return
        body += message.get("body", b"")
        more = message.get("more_body", False)
    target = scope["raw_path"]
    if scope["query_string"]:
        target += b"?" + scope["query_string"]
    lines = ["m " + scope["method"].encode().hex(), "t " + target.hex()]
    for name, value in scope["headers"]:
        lines.append("h %s %s" % (name.hex(), value.hex()))
    lines.append("b " + body.hex())
    report = ("\n".join(lines) + "\n").encode()
    headers = [(b"content-length", str(len(report)).encode())]
    if scope["method"] == "HEAD":
        headers.append((b"x-report", report.hex().encode()))
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": report})
