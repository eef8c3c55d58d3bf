// What was learnt of a QEMU binary, kept on disk until the binary changes: path, size, modification time and inode
// make its key. A file that is damaged, of another format or of another binary is as good as none.

import { createHash } from 'node:crypto';
import { readFileSync, realpathSync, statSync } from 'node:fs';
import path from 'node:path';
import { parseJson } from '../../../json/parse.ts';
import { isJsonObject } from '../../../json/value.ts';
import { QmpError } from '../../../qmp/error.ts';
import { strerror } from '../../../util/strerror.ts';
import { writeAtomically } from '../process/atomic-file.ts';

const format = 1;

/** Identifies one state of one binary. Throws a QmpError when there is none. */
export function binaryKey(binary: string): string {
  try {
    const real = realpathSync(binary);
    const { size, mtimeMs, ino } = statSync(real);
    return [real, size, mtimeMs, ino].join(':');
  } catch (thrown) {
    throw new QmpError(`QEMU binary '${binary}' cannot be used: ${strerror(thrown)}`);
  }
}

/** Answers by command and arguments, as `ProbeAnswers` has them. */
export type KeptAnswers = ReadonlyMap<string, string>;

export function readProbeFile(directory: string, key: string): KeptAnswers {
  const answers = new Map<string, string>();
  let text: string;
  try {
    text = readFileSync(fileOf(directory, key), 'utf8');
  } catch {
    return answers;
  }
  const value = parseJson(text);
  if (!isJsonObject(value) || value.format !== format || value.binary !== key) return answers;
  if (!isJsonObject(value.answers)) return answers;
  for (const [question, answer] of Object.entries(value.answers)) {
    if (typeof answer === 'string') answers.set(question, answer);
  }
  return answers;
}

/** Throws a system error. */
export function writeProbeFile(directory: string, key: string, answers: KeptAnswers): void {
  const content = { format, binary: key, answers: Object.fromEntries(answers) };
  writeAtomically(fileOf(directory, key), JSON.stringify(content));
}

function fileOf(directory: string, key: string): string {
  const digest = createHash('sha256').update(key).digest('hex').slice(0, 16);
  return path.join(directory, `probe-${digest}.json`);
}
