"""What a WSGI server (gunicorn) saw of a request, as lines of hex. Run by hack/differential."""


def encoded(text):
    return text.encode("latin-1").hex()


def application(environ, start_response):
    body = environ["wsgi.input"].read()
    lines = ["m " + encoded(environ["REQUEST_METHOD"]), "t " + encoded(environ["RAW_URI"])]
    for key, value in environ.items():
        if key.startswith("HTTP_"):
            lines.append("h %s %s" % (encoded(key[5:].replace("_", "-")), encoded(value)))
    lines.append("b " + body.hex())
    report = ("\n".join(lines) + "\n").encode()
    headers = [("Content-Length", str(len(report)))]
    if environ["REQUEST_METHOD"] == "HEAD":
        headers.append(("X-Report", report.hex()))
    start_response("200 OK", headers)
    return [report]
