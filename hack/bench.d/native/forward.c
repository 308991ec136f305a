// The floor: a TCP forwarder that reads nothing of what it carries. forward PORT BACKEND-PORT BACKEND-PORT; connections go to the
// backends in turn.
#include "wire.h"

enum { ROOM = 64 << 10 };

struct side {
  int fd, dead;
  struct side *other, *next; // next: of those to free after this turn
  char *at, *end;            // what came from here and the other side has not taken yet
  char bytes[ROOM];
};

static int poll_fd;
static struct side *over;

static void interest(struct side *s) {
  uint32_t events = (s->at == s->end ? EPOLLIN : 0) | (s->other->at != s->other->end ? EPOLLOUT : 0);
  watch(poll_fd, EPOLL_CTL_MOD, s->fd, events, s);
}

static void end(struct side *s) {
  if (s->dead) return;
  s->dead = s->other->dead = 1;
  close(s->fd), close(s->other->fd);
  s->next = s->other, s->other->next = over, over = s;
}

// What `from` has read goes to the other side; what doesn't fit waits, and nothing more is read meanwhile.
static void push(struct side *from) {
  while (from->at != from->end) {
    ssize_t sent = send(from->other->fd, from->at, from->end - from->at, MSG_NOSIGNAL);
    if (sent > 0) from->at += sent;
    else if (errno == EAGAIN || errno == ENOTCONN) break;
    else return end(from);
  }
}

int main(int count, char **arguments) {
  if (count != 4) return fprintf(stderr, "forward PORT BACKEND BACKEND\n"), 2;
  int listener = listen_on(atoi(arguments[1])), turn = 0;
  poll_fd = epoll_create1(EPOLL_CLOEXEC);
  watch(poll_fd, EPOLL_CTL_ADD, listener, EPOLLIN, NULL);
  for (struct epoll_event events[256];;) {
    int ready = epoll_wait(poll_fd, events, 256, -1);
    for (int i = 0; i < ready; i++) {
      struct side *s = events[i].data.ptr;
      if (!s) {
        int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd < 0) continue;
        no_delay(fd);
        struct side *client = malloc(sizeof *client), *backend = malloc(sizeof *backend);
        client->fd = fd, backend->fd = dial(atoi(arguments[2 + (turn++ & 1)]), 0);
        client->other = backend, backend->other = client;
        client->dead = backend->dead = 0;
        client->at = client->end = client->bytes, backend->at = backend->end = backend->bytes;
        watch(poll_fd, EPOLL_CTL_ADD, client->fd, EPOLLIN, client);
        watch(poll_fd, EPOLL_CTL_ADD, backend->fd, EPOLLIN, backend);
        continue;
      }
      if (s->dead) continue;
      int changed = 0;
      if (events[i].events & EPOLLOUT) push(s->other), changed = 1;
      if (!s->dead && events[i].events & (EPOLLIN | EPOLLHUP | EPOLLERR) && s->at == s->end) {
        ssize_t got = recv(s->fd, s->bytes, ROOM, 0);
        if (got == 0 || (got < 0 && errno != EAGAIN)) {
          end(s);
          continue;
        }
        if (got > 0) {
          s->at = s->bytes, s->end = s->bytes + got;
          push(s);
          changed |= s->at != s->end;
        }
      } else if (!s->dead && events[i].events & (EPOLLHUP | EPOLLERR)) {
        end(s);
      }
      if (changed && !s->dead) interest(s), interest(s->other);
    }
    while (over) {
      struct side *next = over->next;
      free(over);
      over = next;
    }
  }
}
