// Whether what a server says is what its schema says that it says.

import type { JsonValue } from '../../../src/json/value.ts';
import { commandSchemas, eventSchemas, validator } from '../../../src/schema/index.ts';

/** What is wrong with an event's data, in words; undefined for nothing. */
export function eventFault(name: string, data: JsonValue | undefined): string | undefined {
  const schema = eventSchemas.get(name);
  if (schema === undefined) return `the schema has no event ${name}`;
  const fault = validator.faultOf(schema.data, data ?? {});
  return fault === undefined ? undefined : `${name} ${JSON.stringify(data)}: ${fault}`;
}

/** What is wrong with a command's return value, in words; undefined for nothing. */
export function returnFault(command: string, value: JsonValue): string | undefined {
  const schema = commandSchemas.get(command);
  if (schema === undefined) return `the schema has no command ${command}`;
  const fault = validator.faultOf(schema.returns, value, 'return');
  return fault === undefined ? undefined : `${command}: ${fault}`;
}
