// What the two halves of the addon share: the functions that JavaScript calls (unix-fd.c) and the events that it gets
// (events.c).

#ifndef QMPD_ADDON_H
#define QMPD_ADDON_H

#define NAPI_VERSION 8
#include <node_api.h>
#include <stdbool.h>
#include <stdint.h>

#include "awake.h"
#include "watch.h"

enum event_kind {
  EVENT_DATA = 1,   // value: bytes in the buffer; fdCount: descriptors in the array
  EVENT_END,        // the peer sends nothing more
  EVENT_ERROR,      // value: errno
  EVENT_TRUNCATED,  // descriptors were lost, and with them their order
  EVENT_WRITABLE,
  EVENT_HANGUP,    // the peer is gone, and nobody here wants to read what it may have left
  EVENT_ACCEPTED,  // value: the new descriptor, not watched yet
  EVENT_REFUSED,   // value: errno; one waiting connection was dropped, or (fdCount 1) none could be taken at all
};

enum { BUFFER_BYTES = 65536 };

// One per environment (the main thread, each worker).
struct addon {
  napi_env env;
  napi_async_context async_context;
  napi_ref on_event;
  napi_ref receiver;
  napi_async_cleanup_hook_handle cleanup_hook;
  uint8_t *buffer;  // memory of an ArrayBuffer that JavaScript sees
  int32_t *fds;     // likewise: descriptors received with a chunk, or the numbers of a peer
  napi_ref buffer_ref;
  napi_ref fds_ref;
  int reserve_fd;
  bool started;
  bool closing;
  struct watch_set watches;
  struct awake awake;
  uint8_t outgoing[BUFFER_BYTES];  // text on its way to send(2)
};

napi_value make_number(napi_env env, int32_t value);

// Takes ownership of a descriptor that was made here: it will not outlive the environment. Passes a negative errno on.
int own_descriptor(struct addon *addon, int fd);

// For watch_set.batch; its context is the addon.
void deliver_events(struct watch_set *set, const struct watch_report *reports, int count);

#endif
