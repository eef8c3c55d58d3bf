// A script's text as single commands with their places: one command a line, or over several lines while a bracket is
// open; comments and empty lines between them. What a command looks like is in src/client/notation/notation.ts.

import { NotationError } from '../../client/notation/error.ts';
import { CommandLines } from '../../client/notation/lines.ts';
import { parseNotation, type WrittenCommand } from '../../client/notation/notation.ts';
import { ScriptError } from './script-error.ts';

/** Characters of one script; a longer one is refused. */
export const scriptLengthMax: number = 16 * 1_048_576;

export interface Statement {
  /** As it is in the file, over all its lines. */
  readonly text: string;
  readonly command: WrittenCommand;
  /** Of its first line, from 1. */
  readonly line: number;
  /** Of the command's first character, from 1. */
  readonly column: number;
}

/** `file` is the name for messages. Throws a ScriptError at the first text that is not a command. */
export function statementsOf(text: string, file: string): Statement[] {
  if (text.length > scriptLengthMax) {
    throw new ScriptError(
      { file, line: 1, column: 1 },
      `a script of more than ${scriptLengthMax} characters`,
    );
  }
  const statements: Statement[] = [];
  const lines = new CommandLines();
  let firstLine = 1;
  for (const [index, line] of text.split('\n').entries()) {
    if (!lines.isOpen) firstLine = index + 1;
    const written = lines.push(line);
    if (written === undefined) continue;
    const notation = parseAt(written, file, firstLine);
    if (notation.kind !== 'command') continue;
    statements.push({ text: written, command: notation, line: firstLine, column: columnOf(written) });
  }
  if (!lines.isOpen) return statements;
  const place = { file, line: firstLine, column: columnOf(lines.text) };
  throw new ScriptError(place, 'a bracket of this command is still open at the end of the file');
}

/** Column of the first character that is not a blank, from 1. */
function columnOf(text: string): number {
  return text.search(/\S/) + 1;
}

function parseAt(text: string, file: string, line: number): ReturnType<typeof parseNotation> {
  try {
    return parseNotation(text);
  } catch (thrown) {
    throw located(thrown, text, file, line);
  }
}

/** A NotationError knows its place in the command's text; the file's lines and columns count from 1. */
export function located(thrown: unknown, text: string, file: string, firstLine: number): unknown {
  if (!(thrown instanceof NotationError)) return thrown;
  const before = text.slice(0, thrown.column).split('\n');
  const place = { file, line: firstLine + before.length - 1, column: (before.at(-1)?.length ?? 0) + 1 };
  return new ScriptError(place, thrown.message);
}
