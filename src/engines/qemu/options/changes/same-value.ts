// Whether two values are the same on the wire, whatever the order of their members.

import { print } from '../../../../json/print.ts';
import type { JsonValue } from '../../../../json/value.ts';

export function sameValue(a: JsonValue | undefined, b: JsonValue | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  return print(a) === print(b);
}
