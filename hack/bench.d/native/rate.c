// Open loop: rate PORT HOST PATH PER-SECOND SECONDS CONNECTIONS. Requests become due by the clock, whatever the answers do; a latency
// runs from the time its request was due, so a stall counts for every request it held up.
#include "wire.h"

struct connection {
  int fd;
  int64_t due; // 0: idle
  size_t have;
  struct connection *next;
  char in[8192];
};

static struct connection *idle, **idle_end = &idle;

static void put(struct connection *c) {
  c->next = NULL, *idle_end = c, idle_end = &c->next;
}

static struct connection *get(void) {
  struct connection *c = idle;
  if (c && !(idle = c->next)) idle_end = &idle;
  return c;
}

int main(int count, char **a) {
  if (count != 7) return fprintf(stderr, "rate PORT HOST PATH PER-SECOND SECONDS CONNECTIONS\n"), 2;
  int64_t gap = 1000000000LL / atoi(a[4]), total = (int64_t)atoi(a[4]) * atoi(a[5]), sent = 0, ended = 0;
  int poll = epoll_create1(0), connections = atoi(a[6]);
  char request[1024];
  int length = snprintf(request, sizeof request, "GET %s HTTP/1.1\r\nHost: %s\r\n\r\n", a[3], a[2]);
  struct latencies all = {0};
  long failed = 0;
  for (int i = 0; i < connections; i++) {
    struct connection *c = calloc(1, sizeof *c);
    if ((c->fd = dial(atoi(a[1]), 1)) < 0) die("connect");
    fcntl(c->fd, F_SETFL, O_NONBLOCK);
    watch(poll, EPOLL_CTL_ADD, c->fd, EPOLLIN, c);
    put(c);
  }
  int64_t start = nanos();
  while (ended < total && idle_end) {
    int64_t now = nanos(), due;
    struct connection *c;
    while (sent < total && (due = start + sent * gap) <= now && (c = get())) {
      c->due = due;
      sent++;
      if (send(c->fd, request, length, MSG_NOSIGNAL) != length) failed++, ended++, close(c->fd);
    }
    if (now - start > total * gap + 10000000000LL) break; // ten seconds late: not an answer any more
    int64_t wait = sent < total && idle ? start + sent * gap - now : 1000000;
    if (wait < 0) wait = 0;
    struct epoll_event events[128];
    int ready = epoll_pwait2(poll, events, 128, &(struct timespec){.tv_nsec = wait > 100000000 ? 100000000 : wait}, NULL);
    for (int i = 0; i < ready; i++) {
      c = events[i].data.ptr;
      ssize_t got = recv(c->fd, c->in + c->have, sizeof c->in - c->have, 0);
      if (got < 0 && errno == EAGAIN) continue;
      if (got > 0) c->have += got;
      long whole = got > 0 ? response_length(c->in, c->have) : -1;
      if (whole < 0 || whole > (long)sizeof c->in) {
        if (c->due) failed++, ended++;
        close(c->fd); // one connection fewer
      } else if (whole && c->have >= (size_t)whole) {
        took(&all, nanos() - c->due);
        c->due = 0, c->have = 0, ended++;
        put(c);
      }
    }
  }
  report(&all, failed + total - ended, (nanos() - start) / 1e9, "");
}
