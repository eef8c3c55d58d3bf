// What follows --mon of qmpd's own command line: the words of QEMU's -mon (QEMU: monitor/monitor.c, qemu_mon_opts).

import type { WordKind } from '../../chardevs/words.ts';
import { pairsIn } from '../../engines/qemu/options/key-values.ts';
import { QmpError } from '../../qmp/error.ts';
import { identifierIn, typedWords } from './option-words.ts';

const monitorWords: ReadonlyMap<string, WordKind> = new Map<string, WordKind>([
  ['chardev', 'string'],
  ['mode', 'string'],
  ['pretty', 'boolean'],
]);

export interface MonitorOption {
  /** Of the object; undefined when none was given. */
  readonly id: string | undefined;
  readonly chardev: string;
  readonly pretty: boolean;
}

/** Throws a QmpError. */
export function monitorOption(text: string): MonitorOption {
  const pairs = pairsIn(text, 'chardev');
  const id = identifierIn(pairs);
  const { chardev, mode = 'readline', pretty } = typedWords(pairs, monitorWords);
  if (mode !== 'readline' && mode !== 'control') {
    throw new QmpError(`Parameter 'mode' does not accept value '${String(mode)}'`);
  }
  if (mode === 'readline') {
    throw new QmpError(
      "qmpd has no monitor for people (mode=readline): write mode=control, or give a QEMU machine one by the option 'human-monitor' of machine-set",
    );
  }
  if (typeof chardev !== 'string') throw new QmpError("Parameter 'chardev' is missing");
  return { id, chardev, pretty: pretty === true };
}
