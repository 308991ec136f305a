// WebSocket messages: websocket PORT HOST PATH SECONDS CONNECTIONS. Each connection has one message of 128 bytes under way, masked as
// RFC 6455 wants of a client; "requests" are messages that came back.
#include "wire.h"

enum { BODY = 128 };

struct connection {
  int fd, open;
  int64_t sent;
  size_t have;
  char in[4096];
};

int main(int count, char **a) {
  if (count != 6) return fprintf(stderr, "websocket PORT HOST PATH SECONDS CONNECTIONS\n"), 2;
  int poll = epoll_create1(0), connections = atoi(a[5]);
  char upgrade[1024];
  unsigned char message[8 + BODY] = {0x82, 0x80 | 126, 0, BODY, 1, 2, 3, 4};
  int length = snprintf(upgrade, sizeof upgrade,
      "GET %s HTTP/1.1\r\nHost: %s\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n", a[3], a[2]);
  struct latencies all = {0};
  long failed = 0;
  for (int i = 0; i < connections; i++) {
    struct connection *c = calloc(1, sizeof *c);
    if ((c->fd = dial(atoi(a[1]), 1)) < 0) die("connect");
    watch(poll, EPOLL_CTL_ADD, c->fd, EPOLLIN, c);
    c->sent = nanos();
    if (send(c->fd, upgrade, length, MSG_NOSIGNAL) != length) die("send");
  }
  int64_t start = nanos(), end = start + atoll(a[4]) * 1000000000LL;
  while (nanos() < end && failed < connections) {
    struct epoll_event events[128];
    int ready = epoll_wait(poll, events, 128, 100);
    for (int i = 0; i < ready; i++) {
      struct connection *c = events[i].data.ptr;
      ssize_t got = recv(c->fd, c->in + c->have, sizeof c->in - c->have - 1, 0);
      if (got > 0) c->have += got, c->in[c->have] = 0;
      char *head = c->open ? NULL : memmem(c->in, c->have, "\r\n\r\n", 4);
      if (got <= 0 || (head && strncmp(c->in, "HTTP/1.1 101", 12))) {
        if (head) fprintf(stderr, "answered %.12s\n", c->in);
        failed++;
        close(c->fd);
        continue;
      }
      if (c->open ? c->have < 4 + BODY : !head) continue;
      if (c->open) took(&all, nanos() - c->sent);
      c->open = 1, c->have = 0, c->sent = nanos();
      if (send(c->fd, message, sizeof message, MSG_NOSIGNAL) != sizeof message) failed++, close(c->fd);
    }
  }
  report(&all, failed, (nanos() - start) / 1e9, "");
}
