// Readiness of any number of sockets, below one libuv handle: an epoll set of our own, watched by a single uv_poll. One
// wake-up of the event loop then serves a batch of sockets, an idle socket costs 8 bytes, and the teardown of a
// worker thread has one handle to wait for. Not for reading or writing: see unix-fd.c.

#ifndef QMPD_WATCH_H
#define QMPD_WATCH_H

#include <stdint.h>

#include "libuv.h"

enum watch_role { ROLE_NONE = 0, ROLE_STREAM, ROLE_LISTENER };
enum watch_interest { INTEREST_READ = 1, INTEREST_WRITE = 2 };

// What is known of a descriptor. `serial` tells apart two sockets that had the same number one after the other, so that
// a readiness report which was fetched before a close never reaches the successor.
struct watch_entry {
  uint32_t serial;
  uint8_t role;
  uint8_t interest;
  uint8_t owned;  // made here and not given away: closed when the environment ends
};

// One report. `interest` is the part of the socket's interest that is ready now; `hangup` means that the peer is gone
// for both directions.
struct watch_report {
  int fd;
  uint32_t serial;
  uint8_t role;
  uint8_t ready;
  uint8_t hangup;
};

struct watch_set {
  uv_poll_t *poll;
  int epoll_fd;
  int capacity;
  int watched;
  uint32_t last_serial;
  struct watch_entry *entries;  // indexed by descriptor
  // Called once per wake-up, with all that became ready.
  void (*batch)(struct watch_set *set, const struct watch_report *reports, int count);
  void (*closed)(struct watch_set *set);
  void *context;
};

enum { REPORTS_PER_BATCH_MAX = 128 };

int watch_open(struct watch_set *set, uv_loop_t *loop);

// Closes every descriptor that is owned or watched, then the handle; `closed` runs when libuv has let go of it.
void watch_close(struct watch_set *set, void (*closed)(struct watch_set *set));

// Adds the socket, or changes what is asked of it. No interest at all still reports a hangup.
int watch_socket(struct watch_set *set, int fd, enum watch_role role, int interest);

// Must come before close(2): the open file may live on elsewhere (it was passed on or duplicated).
void watch_forget(struct watch_set *set, int fd);

int watch_set_owned(struct watch_set *set, int fd, int owned);

// The entry of a report, or NULL when its socket has been closed or forgotten in the meantime.
struct watch_entry *watch_find(struct watch_set *set, int fd, uint32_t serial);

#endif
