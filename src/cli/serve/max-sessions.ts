// The option `--max-sessions`.

import { UsageError } from '../usage-error.ts';

/** More than a process may have descriptors, on most systems. */
const maxSessionsMax = 1_000_000;

/** For ServerOptions; throws a UsageError. */
export function maxSessionsOption(value: string | undefined): { readonly sessionsMax?: number } {
  if (value === undefined) return {};
  const sessionsMax = /^[0-9]{1,7}$/.test(value) ? Number(value) : Number.NaN;
  if (sessionsMax >= 1 && sessionsMax <= maxSessionsMax) return { sessionsMax };
  throw new UsageError(`--max-sessions takes a number from 1 to ${maxSessionsMax}, not '${value}'`);
}
