// QEMU's human monitor, for what QMP has no command for. It prints its errors instead of answering with them.

import { QmpError } from '../../../../qmp/error.ts';
import type { Execute } from '../option.ts';

/** Carries out a line; what it prints has to match `success`, which is nothing unless told otherwise. */
export async function hmp(execute: Execute, line: string, success: RegExp = /^$/): Promise<void> {
  const printed = await execute('human-monitor-command', { 'command-line': line });
  const text = String(printed).trim();
  if (!success.test(text)) throw new QmpError(text);
}
