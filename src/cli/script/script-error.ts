// The one error of scripts: which file, where in it, and what was wrong there.

import { LocalError } from '../../util/local-error.ts';

export interface ScriptPlace {
  readonly file: string;
  /** Both count from 1. */
  readonly line: number;
  readonly column: number;
}

export class ScriptError extends LocalError {
  constructor({ file, line, column }: ScriptPlace, problem: string) {
    super('ERR_QMPD_SCRIPT', `${file}:${line}:${column}: ${problem}`);
  }
}
