// Back end: a client module for one program: the types of its schema, and a class around the untyped client of
// `qmpd/client` that takes and gives exactly these.

import type { Schema } from '../schema.ts';
import { stringLiteral } from './code-writer.ts';
import type { TypeScriptOptions } from './typescript.ts';
import { typescriptTypes } from './typescript.ts';

export interface TypeScriptClientOptions extends TypeScriptOptions {
  /** Where the generated module imports `connect` and its types from. */
  readonly clientModule: string;
}

const importedTypes = [
  'CommandOptions',
  'ConnectOptions',
  'EventMessage',
  'EventOptions',
  'EventStream',
  'QmpClient',
];

/** The part after the types: written once, since only the maps in front of it differ from program to program. */
const clientClass = `
/** Arguments may be left out where none is mandatory. */
export type ParametersOf<Name extends CommandName> =
  Record<never, never> extends CommandMap[Name]['arguments']
    ? [args?: CommandMap[Name]['arguments'], options?: CommandOptions]
    : [args: CommandMap[Name]['arguments'], options?: CommandOptions];

/** An event: \`event.data\` has the type that belongs to \`event.event\`. */
export type EventOf<Name extends EventName = EventName> = {
  [N in Name]: Omit<EventMessage, 'event' | 'data'> & { readonly event: N; readonly data: EventMap[N] };
}[Name];

/** A client that knows the commands and events of this program. Answers are not checked when they arrive. */
export class Client {
  readonly untyped: QmpClient;

  constructor(untyped: QmpClient) {
    this.untyped = untyped;
  }

  /** Connects and negotiates; the caller closes it. */
  static async connect(target: string | ConnectOptions): Promise<Client> {
    return new Client(await connect(target));
  }

  async execute<Name extends CommandName>(
    command: Name,
    ...[args, options]: ParametersOf<Name>
  ): Promise<CommandMap[Name]['returns']> {
    const value: unknown = await this.untyped.executeAny(command, args, options);
    return value as CommandMap[Name]['returns'];
  }

  /** All events, or those with the given names. */
  events<Name extends EventName = EventName>(
    options: EventOptions & { readonly names?: readonly Name[] } = {},
  ): EventStream<EventOf<Name>> {
    return this.untyped.eventsAny(options) as unknown as EventStream<EventOf<Name>>;
  }

  async close(): Promise<void> {
    await this.untyped.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}
`;

/** A module with the types of the schema and a class `Client` that connects and uses them. */
export function typescriptClient(schema: Schema, options: TypeScriptClientOptions): string {
  const module = stringLiteral(options.clientModule);
  const imports = [
    `import type { ${importedTypes.join(', ')} } from ${module};`,
    `import { connect } from ${module};`,
  ];
  return typescriptTypes(schema, options, imports) + clientClass;
}
