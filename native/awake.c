#define _GNU_SOURCE
#include "awake.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/resource.h>

// How long the loop's other handles and timers wait at most.
enum { ROUND_NS = 20 * 1000 };

// Two looks are a few microseconds apart; with more than this between them it is asked why.
enum { GAP_NS = 100 * 1000 };

static bool was_preempted(struct awake *awake) {
  struct rusage usage;
  if (getrusage(RUSAGE_THREAD, &usage) != 0 || usage.ru_nivcsw == awake->preemptions) return false;
  awake->preemptions = usage.ru_nivcsw;
  return true;
}

static uint64_t look(struct awake *awake) {
  uint64_t now = uv_hrtime();
  uint64_t gap = now - awake->last_look;
  awake->last_look = now;
  if (gap > GAP_NS && gap > awake->longest_lost && was_preempted(awake)) awake->longest_lost = gap;
  return now;
}

static void on_round(uv_idle_t *handle) {
  struct awake *awake = uv_handle_get_data((uv_handle_t *)handle);
  struct pollfd watched = {.fd = awake->fd, .events = POLLIN};
  uint64_t now = look(awake);
  uint64_t end = now + ROUND_NS < awake->until ? now + ROUND_NS : awake->until;
  while (now < end && poll(&watched, 1, 0) == 0) now = look(awake);
  if (now < awake->until) return;
  awake->active = false;
  uv_idle_stop(handle);
}

int awake_open(struct awake *awake, uv_loop_t *loop, int fd) {
  awake->idle = calloc(1, uv_handle_size(UV_IDLE));
  if (awake->idle == NULL) return -ENOMEM;
  awake->fd = fd;
  uv_idle_init(loop, awake->idle);
  uv_handle_set_data((uv_handle_t *)awake->idle, awake);
  return 0;
}

uint64_t awake_stay(struct awake *awake, uint64_t duration) {
  uint64_t lost = awake->longest_lost;
  uint64_t now = uv_hrtime();
  awake->longest_lost = 0;
  awake->until = now + duration;
  // What was done since the last look took its own time.
  awake->last_look = now;
  if (!awake->active) {
    awake->active = true;
    was_preempted(awake);  // what was before does not count
    uv_idle_start(awake->idle, on_round);
  }
  return lost;
}

static void on_closed(uv_handle_t *handle) {
  struct awake *awake = uv_handle_get_data(handle);
  free(awake->idle);
  awake->idle = NULL;
  awake->closed(awake);
}

void awake_close(struct awake *awake, void (*closed)(struct awake *awake)) {
  awake->closed = closed;
  if (awake->idle == NULL) {
    closed(awake);
  } else {
    uv_close((uv_handle_t *)awake->idle, on_closed);
  }
}
