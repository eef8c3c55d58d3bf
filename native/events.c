// From readiness to events: accepts and reads what is there, within bounds, and calls JavaScript.

#define _GNU_SOURCE
#include <errno.h>

#include "addon.h"
#include "sockets.h"

enum {
  READS_PER_WAKEUP_MAX = 4,    // then the other sockets have their turn
  ACCEPTS_PER_WAKEUP_MAX = 64  // likewise
};

static void emit(struct addon *addon, enum event_kind kind, int fd, int value, int fd_count) {
  napi_env env = addon->env;
  napi_handle_scope scope;
  if (napi_open_handle_scope(env, &scope) != napi_ok) return;
  napi_value receiver, callback;
  napi_value values[4] = {
      make_number(env, kind),
      make_number(env, fd),
      make_number(env, value),
      make_number(env, fd_count),
  };
  napi_get_reference_value(env, addon->receiver, &receiver);
  napi_get_reference_value(env, addon->on_event, &callback);
  // An exception belongs to this event alone: it is reported, and the other sockets are served.
  if (napi_call_function(env, receiver, callback, 4, values, NULL) == napi_pending_exception) {
    napi_value exception;
    if (napi_get_and_clear_last_exception(env, &exception) == napi_ok) napi_fatal_exception(env, exception);
  }
  napi_close_handle_scope(env, scope);
}

static void accept_waiting(struct addon *addon, const struct watch_report *report) {
  for (int i = 0; i < ACCEPTS_PER_WAKEUP_MAX; i++) {
    if (watch_find(&addon->watches, report->fd, report->serial) == NULL) return;
    int fd = socket_accept(report->fd, &addon->reserve_fd);
    if (fd == -EAGAIN) return;
    if (fd == ACCEPT_SHED) {
      emit(addon, EVENT_REFUSED, report->fd, EMFILE, 0);
      continue;
    }
    if (fd >= 0) fd = own_descriptor(addon, fd);
    if (fd < 0) {
      emit(addon, EVENT_REFUSED, report->fd, -fd, 1);
      return;
    }
    emit(addon, EVENT_ACCEPTED, report->fd, fd, 0);
  }
}

// Returns whether another read makes sense now.
static bool read_once(struct addon *addon, int fd) {
  struct received received;
  ssize_t count = socket_receive(fd, addon->buffer, BUFFER_BYTES, &received);
  if (count == -EAGAIN) return false;
  for (int i = 0; i < received.fd_count; i++) {
    addon->fds[i] = received.fds[i];
    watch_set_owned(&addon->watches, received.fds[i], 1);
  }
  if (count < 0) {
    emit(addon, EVENT_ERROR, fd, (int)-count, 0);
  } else if (received.truncated) {
    emit(addon, EVENT_TRUNCATED, fd, 0, 0);
  } else if (count == 0) {
    emit(addon, EVENT_END, fd, 0, 0);
  } else {
    emit(addon, EVENT_DATA, fd, (int)count, received.fd_count);
    return count == BUFFER_BYTES || received.fd_count > 0;
  }
  return false;
}

static void serve_stream(struct addon *addon, const struct watch_report *report) {
  struct watch_set *set = &addon->watches;
  int fd = report->fd;
  if (report->ready & INTEREST_WRITE) emit(addon, EVENT_WRITABLE, fd, 0, 0);
  // Each event may close the socket or take the interest back; the entry is looked up again every time.
  for (int i = 0; i < READS_PER_WAKEUP_MAX && report->ready & INTEREST_READ; i++) {
    const struct watch_entry *entry = watch_find(set, fd, report->serial);
    if (entry == NULL || !(entry->interest & INTEREST_READ) || !read_once(addon, fd)) break;
  }
  const struct watch_entry *entry = watch_find(set, fd, report->serial);
  if (report->hangup && entry != NULL && !(entry->interest & INTEREST_READ)) emit(addon, EVENT_HANGUP, fd, 0, 0);
}

// Each report has a callback scope of its own, as every callback of Node's own sockets has: what one connection put off
// with process.nextTick or a promise is done before the next connection is served.
static void deliver_report(struct addon *addon, const struct watch_report *report) {
  napi_env env = addon->env;
  napi_handle_scope handles;
  napi_callback_scope callbacks;
  napi_value receiver;
  if (napi_open_handle_scope(env, &handles) != napi_ok) return;
  napi_get_reference_value(env, addon->receiver, &receiver);
  if (napi_open_callback_scope(env, receiver, addon->async_context, &callbacks) == napi_ok) {
    if (report->role == ROLE_LISTENER) {
      accept_waiting(addon, report);
    } else {
      serve_stream(addon, report);
    }
    napi_close_callback_scope(env, callbacks);
  }
  napi_close_handle_scope(env, handles);
}

void deliver_events(struct watch_set *set, const struct watch_report *reports, int count) {
  struct addon *addon = set->context;
  for (int i = 0; i < count && !addon->closing; i++) {
    const struct watch_report *report = &reports[i];
    if (watch_find(set, report->fd, report->serial) != NULL) deliver_report(addon, report);
  }
}
