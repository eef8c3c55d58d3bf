#define _GNU_SOURCE
#include "watch.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

static struct watch_entry *entry_of(struct watch_set *set, int fd) {
  return fd >= 0 && fd < set->capacity ? &set->entries[fd] : NULL;
}

static int grow_to(struct watch_set *set, int fd) {
  if (fd < 0) return -EBADF;
  if (fd < set->capacity) return 0;
  int capacity = set->capacity ? set->capacity : 64;
  while (capacity <= fd) capacity *= 2;
  struct watch_entry *entries = realloc(set->entries, (size_t)capacity * sizeof *entries);
  if (entries == NULL) return -ENOMEM;
  memset(entries + set->capacity, 0, (size_t)(capacity - set->capacity) * sizeof *entries);
  set->entries = entries;
  set->capacity = capacity;
  return 0;
}

struct watch_entry *watch_find(struct watch_set *set, int fd, uint32_t serial) {
  struct watch_entry *entry = entry_of(set, fd);
  return entry != NULL && entry->role != ROLE_NONE && entry->serial == serial ? entry : NULL;
}

static int fill_reports(struct watch_set *set, struct watch_report *reports) {
  struct epoll_event events[REPORTS_PER_BATCH_MAX];
  int ready = epoll_wait(set->epoll_fd, events, REPORTS_PER_BATCH_MAX, 0);
  int count = 0;
  for (int i = 0; i < ready; i++) {
    int fd = (int)(uint32_t)events[i].data.u64;
    uint32_t serial = (uint32_t)(events[i].data.u64 >> 32);
    const struct watch_entry *entry = watch_find(set, fd, serial);
    if (entry == NULL) continue;
    uint32_t mask = events[i].events;
    struct watch_report *report = &reports[count++];
    report->fd = fd;
    report->serial = serial;
    report->role = entry->role;
    report->ready = 0;
    // An error or a hangup is found out by reading or writing, which yields what came before it first.
    int over = (mask & (EPOLLHUP | EPOLLERR)) != 0;
    if (mask & EPOLLIN || over) report->ready |= INTEREST_READ;
    if (mask & EPOLLOUT || over) report->ready |= INTEREST_WRITE;
    report->ready &= entry->interest;
    report->hangup = (uint8_t)over;
  }
  return count;
}

static void on_epoll_readable(uv_poll_t *handle, int status, int events) {
  (void)status;
  (void)events;
  struct watch_set *set = uv_handle_get_data((uv_handle_t *)handle);
  struct watch_report reports[REPORTS_PER_BATCH_MAX];
  int count = fill_reports(set, reports);
  if (count > 0) set->batch(set, reports, count);
}

int watch_open(struct watch_set *set, uv_loop_t *loop) {
  set->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
  if (set->epoll_fd < 0) return -errno;
  set->poll = calloc(1, uv_handle_size(UV_POLL));
  int error = set->poll == NULL ? -ENOMEM : uv_poll_init(loop, set->poll, set->epoll_fd);
  if (error) {
    close(set->epoll_fd);
    free(set->poll);
    set->poll = NULL;
    return error;
  }
  uv_handle_set_data((uv_handle_t *)set->poll, set);
  return 0;
}

int watch_socket(struct watch_set *set, int fd, enum watch_role role, int interest) {
  int error = grow_to(set, fd);
  if (error) return error;
  struct watch_entry *entry = &set->entries[fd];
  int fresh = entry->role == ROLE_NONE;
  if (fresh) entry->serial = ++set->last_serial;
  struct epoll_event event = {.events = 0};
  if (interest & INTEREST_READ) event.events |= EPOLLIN;
  if (interest & INTEREST_WRITE) event.events |= EPOLLOUT;
  event.data.u64 = (uint64_t)entry->serial << 32 | (uint32_t)fd;
  if (epoll_ctl(set->epoll_fd, fresh ? EPOLL_CTL_ADD : EPOLL_CTL_MOD, fd, &event) != 0) return -errno;
  entry->role = (uint8_t)role;
  entry->interest = (uint8_t)interest;
  // The handle keeps the event loop alive exactly while there is something to watch.
  if (fresh && set->watched++ == 0) return uv_poll_start(set->poll, UV_READABLE, on_epoll_readable);
  return 0;
}

void watch_forget(struct watch_set *set, int fd) {
  struct watch_entry *entry = entry_of(set, fd);
  if (entry == NULL || entry->role == ROLE_NONE) return;
  epoll_ctl(set->epoll_fd, EPOLL_CTL_DEL, fd, NULL);
  entry->role = ROLE_NONE;
  entry->interest = 0;
  if (--set->watched == 0) uv_poll_stop(set->poll);
}

int watch_set_owned(struct watch_set *set, int fd, int owned) {
  if (!owned && entry_of(set, fd) == NULL) return 0;
  int error = grow_to(set, fd);
  if (error) return error;
  set->entries[fd].owned = (uint8_t)owned;
  return 0;
}

static void on_poll_closed(uv_handle_t *handle) {
  struct watch_set *set = uv_handle_get_data(handle);
  free(set->poll);
  set->poll = NULL;
  set->closed(set);
}

void watch_close(struct watch_set *set, void (*closed)(struct watch_set *set)) {
  for (int fd = 0; fd < set->capacity; fd++) {
    int known = set->entries[fd].owned || set->entries[fd].role != ROLE_NONE;
    watch_forget(set, fd);
    if (known) close(fd);
  }
  free(set->entries);
  set->entries = NULL;
  set->capacity = 0;
  set->closed = closed;
  if (set->poll == NULL) {
    closed(set);
    return;
  }
  uv_close((uv_handle_t *)set->poll, on_poll_closed);
  close(set->epoll_fd);
}
