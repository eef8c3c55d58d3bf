// Carries out a script's commands, or only checks them: one after the other over one QMP session, ending at the first
// that fails. Nothing of a file is carried out before the whole of it has been read as commands.

import { readFileSync } from 'node:fs';
import { type QmpClient, QmpCommandError } from '../../client/index.ts';
import type { JsonValue } from '../../json/value.ts';
import { LocalError, messageOf } from '../../util/local-error.ts';
import { strerror } from '../../util/strerror.ts';
import { Evaluator } from '../shell/evaluate.ts';
import { CommandCheck } from './check.ts';
import { ScriptError } from './script-error.ts';
import { located, type Statement, statementsOf } from './statements.ts';

export interface Script {
  /** For messages. */
  readonly file: string;
  readonly statements: readonly Statement[];
}

/** `-` is the standard input. Throws a ScriptError, or a LocalError for a file that cannot be read. */
export function readScript(file: string): Script {
  const name = file === '-' ? 'standard input' : file;
  let text: string;
  try {
    text = readFileSync(file === '-' ? 0 : file, 'utf8');
  } catch (thrown) {
    throw new LocalError('ERR_QMPD_SCRIPT', `${name}: ${strerror(thrown)}`, { cause: thrown });
  }
  return { file: name, statements: statementsOf(text, name) };
}

/** `answered` gets each command's return value. Rejects with a ScriptError. */
export async function runScript(
  client: QmpClient,
  { file, statements }: Script,
  answered: (value: JsonValue) => void = () => undefined,
): Promise<void> {
  const evaluator = new Evaluator(client);
  for (const statement of statements) {
    await at(file, statement, async () => answered(await evaluator.execute(statement.command)));
  }
}

/** Checks names and arguments against the schema of the server, and carries nothing out. Rejects with a ScriptError. */
export async function checkScript(client: QmpClient, { file, statements }: Script): Promise<void> {
  const evaluator = new Evaluator(client);
  const check = new CommandCheck(await client.executeAny('query-qmp-schema'));
  for (const statement of statements) {
    await at(file, statement, async () => {
      const { command } = statement;
      const problem = check.problemOf(command, await evaluator.argumentsOf(command));
      if (problem !== undefined) throw new QmpCommandError(command.command, problem.class, problem.desc);
    });
  }
}

async function at(file: string, statement: Statement, body: () => Promise<void>): Promise<void> {
  try {
    await body();
  } catch (thrown) {
    const { text, line, column, command } = statement;
    const error = located(thrown, text, file, line);
    if (error instanceof ScriptError) throw error;
    throw new ScriptError({ file, line, column }, `${command.command}: ${describe(thrown)}`);
  }
}

function describe(thrown: unknown): string {
  return thrown instanceof QmpCommandError ? `${thrown.class}: ${thrown.desc}` : messageOf(thrown);
}
