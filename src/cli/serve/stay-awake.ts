// The option `--stay-awake`, which `qmpd` and `qmpd attach` have in common.

import { UsageError } from '../usage-error.ts';

export const stayAwakeUsage: string = `\
  --stay-awake MICROS   how long to wait for the next message without sleeping, after each one to or from QEMU
                        (default: 300; 0: not at all); answers then come in half the time, and meanwhile one
                        processor is fully used
`;

/** More would be a processor that is never free while a machine is watched. */
const stayAwakeMaxUs = 1_000_000;

/** For ServerOptions; throws a UsageError. */
export function stayAwakeOption(value: string | undefined): { readonly stayAwakeUs?: number } {
  if (value === undefined) return {};
  const stayAwakeUs = /^[0-9]{1,7}$/.test(value) ? Number(value) : Number.NaN;
  if (stayAwakeUs <= stayAwakeMaxUs) return { stayAwakeUs };
  throw new UsageError(`--stay-awake takes microseconds, from 0 to ${stayAwakeMaxUs}, not '${value}'`);
}
