// The shell without a terminal: one command a line from a stream (or from --execute), one reply a line to the output,
// errors to the error output with the number of the line. It goes on after an error and reports it at the end.

import type { Writable } from 'node:stream';
import type { QmpClient } from '../../client/index.ts';
import { CommandLines } from '../../client/notation/lines.ts';
import { print } from '../../json/print.ts';
import type { JsonValue } from '../../json/value.ts';
import { Evaluator } from './evaluate.ts';
import { helpAnswer } from './help-answer.ts';
import { failureMessage } from './messages.ts';
import { prettyValue } from './render.ts';

export interface BatchOptions {
  readonly client: QmpClient;
  readonly lines: AsyncIterable<string> | Iterable<string>;
  readonly output: Writable;
  readonly errors: Writable;
  /** Long replies over several lines, for people. */
  readonly pretty: boolean;
}

/** Resolves to true when every command succeeded. */
export async function runBatch(options: BatchOptions): Promise<boolean> {
  const evaluator = new Evaluator(options.client);
  let good = true;
  const lines = new CommandLines();
  let lineNumber = 0;
  let firstLine = 1;
  for await (const line of options.lines) {
    lineNumber += 1;
    if (!lines.isOpen) firstLine = lineNumber;
    const text = lines.push(line);
    if (text === undefined) continue;
    const outcome = await step(options, evaluator, text, firstLine);
    if (outcome === 'leave') return good;
    good &&= outcome === 'good';
  }
  if (!lines.isOpen) return good;
  options.errors.write(`line ${firstLine}: not sent: the input ends in the middle of a command\n`);
  return false;
}

async function step(
  options: BatchOptions,
  evaluator: Evaluator,
  text: string,
  line: number,
): Promise<'good' | 'failed' | 'leave'> {
  try {
    const evaluation = await evaluator.evaluate(text);
    switch (evaluation.kind) {
      case 'leave':
        return 'leave';
      case 'reply':
        options.output.write(`${formatReply(evaluation.value, options.pretty)}\n`);
        return 'good';
      case 'help':
        options.output.write(`${await helpAnswer(options.client, evaluator, evaluation.topic)}\n`);
        return 'good';
      case 'nothing':
        return 'good';
    }
  } catch (thrown) {
    options.errors.write(`line ${line}: ${failureMessage(thrown)}\n`);
    return 'failed';
  }
}

function formatReply(value: JsonValue, pretty: boolean): string {
  return pretty ? prettyValue(value) : print(value);
}
