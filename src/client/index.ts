// The package's public face: `connect` to a QMP server, `launch` a private qmpd. See docs/client.md.

export type { EventQueueOptions, OverflowPolicy } from '../qmp/client/events.ts';
export type { EventMessage } from '../qmp/client/messages.ts';
export type { Greeting } from '../qmp/greeting.ts';
export type { CommandMap, CommandName, EventMap, EventName } from '../schema/index.ts';
export { LocalError } from '../util/local-error.ts';
export {
  type CommandOptions,
  type Descriptor,
  type EventOptions,
  QmpClient,
  type QmpEvent,
  type Reply,
} from './client.ts';
export { type ConnectOptions, connect } from './connect.ts';
export { QmpCommandError } from './errors.ts';
export { EventStream } from './event-stream.ts';
export { Introspection, type SchemaMember, type SchemaPlace } from './introspection.ts';
export { type LaunchOptions, launch, type ProcessEnd, QmpdInstance } from './launch.ts';
