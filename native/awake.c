#include "awake.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>

// How long the loop's other handles and timers wait at most.
enum { ROUND_NS = 20 * 1000 };

static uint64_t look(struct awake *awake) {
  uint64_t now = uv_hrtime();
  uint64_t gap = now - awake->last_look;
  awake->last_look = now;
  if (gap > awake->longest_gap) awake->longest_gap = gap;
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
  uint64_t gap = awake->longest_gap;
  uint64_t now = uv_hrtime();
  awake->longest_gap = 0;
  awake->until = now + duration;
  // What was done since the last look took its own time.
  awake->last_look = now;
  if (!awake->active) {
    awake->active = true;
    uv_idle_start(awake->idle, on_round);
  }
  return gap;
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
