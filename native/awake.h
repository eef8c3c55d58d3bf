// Keeps the event loop from sleeping for a while: an idle handle of libuv's, which makes the loop look for events
// without blocking as long as it is active. Most looks are made here, at one descriptor and without the loop, since
// Node allocates an object each time that its loop goes round: a chain of setImmediate, which would do as well, makes
// 60 KB of garbage for each command of QEMU's, and the collector then shows in one answer of a hundred.

#ifndef QMPD_AWAKE_H
#define QMPD_AWAKE_H

#include <stdbool.h>
#include <stdint.h>

#include "libuv.h"

struct awake {
  uv_idle_t *idle;
  int fd;  // is readable when there is something to do
  bool active;
  uint64_t until;        // in nanoseconds of uv_hrtime, like all times here
  uint64_t last_look;    // for events
  uint64_t longest_lost;
  long preemptions;  // of this thread, when they were last counted
  void (*closed)(struct awake *awake);
  void *context;
};

int awake_open(struct awake *awake, uv_loop_t *loop, int fd);

// The loop does not sleep for so long from now. Returns the longest time in nanoseconds since the last call during
// which somebody else had the processor although we wanted it.
uint64_t awake_stay(struct awake *awake, uint64_t duration);

// `closed` runs when libuv has let go of the handle.
void awake_close(struct awake *awake, void (*closed)(struct awake *awake));

#endif
