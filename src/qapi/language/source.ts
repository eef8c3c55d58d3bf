// Where a piece of a schema was written, and the error that points there. The texts are in the form compilers use:
// the include path first, then the definition, then `file:line:column: what is wrong`.

import { LocalError } from '../../util/local-error.ts';

/** One schema file, and the `include` directive that first brought it in (none for the root). */
export interface SourceFile {
  /** As given for the root; for an included file, joined to the including file's folder. */
  readonly path: string;
  readonly includedAt?: Location;
}

export interface Location {
  readonly file: SourceFile;
  /** From 1. */
  readonly line: number;
  /** From 1, only where a single character is to blame. */
  readonly column?: number;
}

function includePathOf(file: SourceFile): string {
  const at = file.includedAt;
  if (at === undefined) return '';
  return `${includePathOf(at.file)}In file included from ${at.file.path}:${at.line}:\n`;
}

/** A fault in a schema. `message` is the whole text to print, `reason` the bare statement. */
export class SchemaError extends LocalError {
  override readonly name: string = 'SchemaError';
  readonly location: Location;
  readonly reason: string;
  /** The definition that the fault is in: `command 'quit'`. */
  readonly within: string | undefined;

  constructor(location: Location, reason: string, within?: string) {
    const { file, line, column } = location;
    const definition = within === undefined ? '' : `${file.path}: In ${within}:\n`;
    const place = column === undefined ? `${file.path}:${line}` : `${file.path}:${line}:${column}`;
    super('ERR_QMPD_SCHEMA', `${includePathOf(file)}${definition}${place}: ${reason}`);
    this.location = location;
    this.reason = reason;
    this.within = within;
  }
}

/**
 * Hears of a fault in a documentation comment: it throws the fault, or keeps it, and then the comment is read as well
 * as it can be. Comments do not change a program's interface, and QEMU's rules for them have changed often.
 */
export type DocFaults = (fault: SchemaError) => void;

/** Every fault ends the compilation. */
export function throwFault(fault: SchemaError): never {
  throw fault;
}
