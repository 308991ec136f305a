// What Node's http module saw of a request, as lines of hex. Run by hack/differential.
const http = require('node:http');
const hex = (s) => Buffer.from(s, 'latin1').toString('hex');
http.createServer((request, response) => {
  const pieces = [];
  request.on('data', (piece) => pieces.push(piece));
  request.on('end', () => {
    let report = `m ${hex(request.method)}\nt ${hex(request.url)}\n`;
    const fields = request.rawHeaders;
    for (let i = 0; i < fields.length; i += 2) report += `h ${hex(fields[i])} ${hex(fields[i + 1])}\n`;
    report += `b ${Buffer.concat(pieces).toString('hex')}\n`;
    if (request.method === 'HEAD') response.setHeader('X-Report', Buffer.from(report).toString('hex'));
    response.setHeader('Content-Length', Buffer.byteLength(report));
    response.end(report);
  });
}).listen(Number(process.argv[2]), '127.0.0.1');
