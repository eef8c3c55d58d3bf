// QEMU's rate limits of events (monitor/monitor.c, monitor_qapi_event_conf): at most one a second of these, the first
// at once, later ones replacing each other until the second is over; the last goes out with its own timestamp. The
// limits are the server's, not a session's: a client that comes late sees the throttled stream.

import type { JsonObject } from '../../json/value.ts';

/** Milliseconds between two events of one key. */
export const eventWindowMs = 1000;

/** Per event: the member of its data that tells streams of it apart, where there is one. */
const throttled: ReadonlyMap<string, string | undefined> = new Map([
  ['RTC_CHANGE', undefined],
  ['WATCHDOG', undefined],
  ['BALLOON_CHANGE', undefined],
  ['QUORUM_REPORT_BAD', 'node-name'],
  ['QUORUM_FAILURE', undefined],
  ['VSERPORT_CHANGE', 'id'],
  ['MEMORY_DEVICE_SIZE_CHANGE', 'qom-path'],
  ['BLOCK_IO_ERROR', 'qom-path'],
  ['HV_BALLOON_STATUS_REPORT', undefined],
  // Not QEMU's: a window that is being drawn to another size tells many.
  ['CONSOLE_RESIZED', 'id'],
]);

/** The key under which an event is limited; undefined for one that is not. */
export function throttleKey(name: string, data: JsonObject | undefined): string | undefined {
  if (!throttled.has(name)) return undefined;
  const member = throttled.get(name);
  const value = member === undefined ? undefined : data?.[member];
  return typeof value === 'string' ? `${name} ${value}` : name;
}
