// The first message of a QMP server, as its client reads it (QEMU: docs/interop/qmp-spec.rst, "Server Greeting"). What
// is missing or of a wrong type counts as nothing said.

import { isJsonObject, type JsonValue } from '../json/value.ts';

/** The version triple and the capabilities with which a server opens. */
export interface Greeting {
  readonly version: { readonly major: number; readonly minor: number; readonly micro: number };
  /** Free text by the server's builder; ends in "qmpd-X.Y.Z" for qmpd. */
  readonly package: string;
  readonly capabilities: readonly string[];
}

/** From the value of the member "QMP"; undefined when it is not an object. */
export function greetingOf(body: JsonValue): Greeting | undefined {
  if (!isJsonObject(body)) return undefined;
  const version = isJsonObject(body.version) ? body.version : {};
  const triple = isJsonObject(version.qemu) ? version.qemu : {};
  const capabilities = Array.isArray(body.capabilities) ? body.capabilities : [];
  return {
    version: { major: number(triple.major), minor: number(triple.minor), micro: number(triple.micro) },
    package: typeof version.package === 'string' ? version.package : '',
    capabilities: capabilities.filter((name) => typeof name === 'string'),
  };
}

function number(value: JsonValue | undefined): number {
  return typeof value === 'number' ? value : 0;
}
