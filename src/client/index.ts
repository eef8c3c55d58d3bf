// The package's public face: `connect` to a QMP server, `launch` a private qmpd. See docs/client.md.

export type { EventQueueOptions, OverflowPolicy } from '../qmp/client-events.ts';
export type { EventMessage, Greeting } from '../qmp/client-messages.ts';
export { LocalError } from '../util/local-error.ts';
export {
  type CommandName,
  type CommandOptions,
  type Descriptor,
  type EventName,
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
