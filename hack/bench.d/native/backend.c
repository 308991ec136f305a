// The HTTP/1.1 backend: backend PORT PORT. Answers 128 B, 1 KiB and 100 KiB by the last word of the path (128, 1k, 100k), takes
// bodies with a Content-Length, echoes WebSocket messages on .../ws. Keep-alive always; one thread; cheap, so that it shares the
// load's core without becoming what is measured.
#include "wire.h"

enum { IN = 128 << 10 };

struct connection {
  int fd, tunnel, waiting;
  size_t have, body;      // bytes in `in`; bytes of a request's body still to come
  const char *out;        // what is being sent
  size_t left;
  char in[IN];
};

static char *answers[3];
static size_t lengths[3];
static const char SWITCH[] = // the answer to the one key our own client sends (RFC 6455 1.3)
    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n";

static void prepare(int which, size_t body) {
  char *at = malloc(body + 512);
  int head = sprintf(at,
      "HTTP/1.1 200 OK\r\nServer: backend\r\nDate: Mon, 01 Jun 2026 12:00:00 GMT\r\nContent-Type: application/json; charset=utf-8\r\n"
      "Cache-Control: no-cache, private\r\nETag: \"5f3c-1a2b3c4d5e6f\"\r\nX-Trace-Id: 0af7651916cd43dd8448eb211c80319c\r\n"
      "Content-Length: %zu\r\n\r\n", body);
  memset(at + head, 'x', body);
  answers[which] = at;
  lengths[which] = head + body;
}

static void choose(struct connection *c, char *head, char *end) {
  char *space = memchr(head, ' ', end - head), *stop = space ? memchr(space + 1, ' ', end - space - 1) : NULL;
  char *word = stop ? memrchr(head, '/', stop - head) + 1 : "128";
  int which = !strncmp(word, "100k", 4) ? 2 : !strncmp(word, "1k", 2) ? 1 : 0;
  c->out = answers[which];
  c->left = lengths[which];
  *end = 0;
  if (!strncmp(word, "ws ", 3)) {
    c->tunnel = 1;
    c->out = SWITCH;
    c->left = sizeof SWITCH - 1;
  } else if (*head == 'P') {
    char *length = strcasestr(head, "\r\ncontent-length:");
    c->body = length ? strtoul(length + 17, NULL, 10) : 0;
  }
}

// One whole message of a client becomes the same message without its mask. Returns what it took of `in`; 0: not all there yet.
static size_t echo(const char *in, size_t have, char *reply, size_t *length) {
  const unsigned char *b = (const unsigned char *)in;
  if (have < 2) return 0;
  size_t head = 2, body = b[1] & 127;
  if (body == 126 && have >= 4) body = (b[2] << 8) + b[3], head = 4;
  else if (body >= 126) return 0;
  if (have < head + 4 + body) return 0;
  memcpy(reply, in, head);
  reply[1] &= 127;
  for (size_t i = 0; i < body; i++) reply[head + i] = b[head + 4 + i] ^ b[head + (i & 3)];
  *length = head + body;
  return head + 4 + body;
}

static void eat(struct connection *c, size_t count) {
  memmove(c->in, c->in + count, c->have -= count);
}

static int flush(int poll, struct connection *c) {
  while (c->left) {
    ssize_t sent = send(c->fd, c->out, c->left, MSG_NOSIGNAL);
    if (sent < 0 && errno == EAGAIN) {
      if (!c->waiting) watch(poll, EPOLL_CTL_MOD, c->fd, EPOLLIN | EPOLLOUT, c);
      return c->waiting = 1;
    }
    if (sent <= 0) return 0;
    c->out += sent;
    c->left -= sent;
  }
  if (c->waiting) watch(poll, EPOLL_CTL_MOD, c->fd, EPOLLIN, c), c->waiting = 0;
  return 1;
}

// One receive, then all that can be answered. False: the connection is over.
static int turn(int poll, struct connection *c) {
  static char reply[IN];
  if (c->have < IN) {
    ssize_t got = recv(c->fd, c->in + c->have, IN - c->have, 0);
    if (got == 0 || (got < 0 && errno != EAGAIN)) return 0;
    if (got > 0) c->have += got;
  }
  for (;;) {
    size_t taken = c->body < c->have ? c->body : c->have, length;
    c->body -= taken;
    eat(c, taken);
    if (c->body) return 1; // answered when all of it has come
    if (!flush(poll, c)) return 0;
    if (c->left || !c->have) return 1;
    if (c->tunnel) {
      if (!(taken = echo(c->in, c->have, reply, &length))) return 1;
      eat(c, taken);
      if (send(c->fd, reply, length, MSG_NOSIGNAL) != (ssize_t)length) return 0;
    } else {
      char *end = memmem(c->in, c->have, "\r\n\r\n", 4);
      if (!end) return c->have < IN;
      choose(c, c->in, end);
      eat(c, end + 4 - c->in);
    }
  }
}

int main(int count, char **arguments) {
  if (count < 2) return fprintf(stderr, "backend PORT...\n"), 2;
  prepare(0, 128), prepare(1, 1 << 10), prepare(2, 100 << 10);
  int poll = epoll_create1(EPOLL_CLOEXEC);
  static struct connection listeners[16];
  for (int i = 1; i < count; i++) {
    listeners[i].fd = listen_on(atoi(arguments[i]));
    watch(poll, EPOLL_CTL_ADD, listeners[i].fd, EPOLLIN, &listeners[i]);
  }
  for (struct epoll_event events[256];;) {
    int ready = epoll_wait(poll, events, 256, -1);
    for (int i = 0; i < ready; i++) {
      struct connection *c = events[i].data.ptr;
      if (c >= listeners && c < listeners + 16) {
        int fd = accept4(c->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd < 0) continue;
        no_delay(fd);
        c = malloc(sizeof *c);
        c->fd = fd, c->tunnel = c->waiting = 0, c->have = c->body = c->left = 0;
        watch(poll, EPOLL_CTL_ADD, fd, EPOLLIN, c);
      } else if (!turn(poll, c)) {
        close(c->fd);
        free(c);
      }
    }
  }
}
