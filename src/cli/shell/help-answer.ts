// What the shell answers to `help` and `help COMMAND`. For a command of qmpd's own schema, at a qmpd, its documentation;
// for every other command what the server's introspection says, which knows types but no explanations.

import type { QmpClient } from '../../client/index.ts';
import { helpText } from '../../qapi/index.ts';
import { schemaIndex } from '../../schema/index.ts';
import { describeCommand } from './describe-command.ts';
import type { Evaluator } from './evaluate.ts';
import { shellHelp } from './local-commands.ts';

export async function helpAnswer(
  client: QmpClient,
  evaluator: Evaluator,
  topic: string | undefined,
): Promise<string> {
  if (topic === undefined) return shellHelp;
  const introspection = await evaluator.introspection(topic);
  if (introspection === undefined) return 'the server does not describe its commands (query-qmp-schema)';
  const isOurs = /(^| )qmpd-[0-9.]+$/.test(client.greeting.package);
  const documented = isOurs && introspection.has(topic) ? helpText(schemaIndex, topic)?.trimEnd() : undefined;
  return documented ?? describeCommand(introspection, topic) ?? `the server has no command '${topic}'`;
}
