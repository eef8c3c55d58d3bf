// The few libuv functions that the addon calls, declared here so that a build needs no libuv headers. They are part of
// libuv's stable 1.x ABI and are found in the running node executable. Handles are opaque: uv_handle_size tells how
// much memory one takes.

#ifndef QMPD_LIBUV_H
#define QMPD_LIBUV_H

#include <stddef.h>
#include <stdint.h>

typedef struct uv_loop_s uv_loop_t;
typedef struct uv_handle_s uv_handle_t;
typedef struct uv_poll_s uv_poll_t;
typedef struct uv_idle_s uv_idle_t;
typedef void (*uv_poll_cb)(uv_poll_t *handle, int status, int events);
typedef void (*uv_idle_cb)(uv_idle_t *handle);
typedef void (*uv_close_cb)(uv_handle_t *handle);

enum { UV_IDLE = 6, UV_POLL = 8 };  // uv_handle_type
enum { UV_READABLE = 1 };           // uv_poll_event

size_t uv_handle_size(int type);
void uv_handle_set_data(uv_handle_t *handle, void *data);
void *uv_handle_get_data(const uv_handle_t *handle);
int uv_poll_init(uv_loop_t *loop, uv_poll_t *handle, int fd);
int uv_poll_start(uv_poll_t *handle, int events, uv_poll_cb callback);
int uv_poll_stop(uv_poll_t *handle);
int uv_idle_init(uv_loop_t *loop, uv_idle_t *handle);
int uv_idle_start(uv_idle_t *handle, uv_idle_cb callback);
int uv_idle_stop(uv_idle_t *handle);
uint64_t uv_hrtime(void);
void uv_close(uv_handle_t *handle, uv_close_cb callback);

#endif
