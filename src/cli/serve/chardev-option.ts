// What follows --chardev of qmpd's own command line: the words of QEMU's -chardev, as arguments of chardev-add (QEMU:
// chardev/char.c, qemu_chardev_opts and the parse functions of the backends). Which words there are is said by the kinds.

import { commonWords } from '../../chardevs/kind.ts';
import { allChardevKinds, chardevKind } from '../../chardevs/kinds/index.ts';
import type { WordKind } from '../../chardevs/words.ts';
import { pairsIn } from '../../engines/qemu/options/key-values.ts';
import type { JsonObject } from '../../json/value.ts';
import { QmpError } from '../../qmp/error.ts';
import { chardevsOf } from '../translate/chardev.ts';
import { identifierIn, typedWords } from './option-words.ts';

/** Every kind takes the words of all others, and leaves alone what is not for it. */
const chardevWords: ReadonlyMap<string, WordKind> = new Map<string, WordKind>([
  ['backend', 'string'],
  ['mux', 'boolean'],
  // QEMU's word for its braille display; no kind has it as a member.
  ['debug', 'number'],
  ...[...allChardevKinds.map(({ words }) => words), commonWords]
    .flatMap((members) => Object.values(members))
    .flatMap(({ words }) => Object.entries(words)),
]);

/** Throws a QmpError. */
export function chardevOption(text: string): JsonObject[] {
  const pairs = pairsIn(text, 'backend');
  const id = identifierIn(pairs);
  const words = typedWords(pairs, chardevWords);
  if (id === undefined) throw new QmpError('chardev: no id specified');
  const { backend } = words;
  if (typeof backend !== 'string') throw new QmpError(`chardev: "${id}" missing backend`);
  const kind = chardevKind(backend);
  // QEMU 10 gave up the former names.
  if (kind === undefined) throw new QmpError(`'${backend}' is not a valid char driver name`);
  for (const { check } of Object.values(kind.words)) check?.(words);
  return chardevsOf(id, backend, words);
}
