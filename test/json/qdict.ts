// Undoes what QEMU's hash table does to the order of members: a parsed answer has them in printed order, in which
// those of one bucket are the wrong way round for being inserted again.

import { isJsonObject, type JsonValue, jsonObject } from '../../src/json/value.ts';

/** The value with the members of every object inserted last to first. */
export function reinserted(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return value.map(reinserted);
  if (!isJsonObject(value)) return value;
  const object = jsonObject();
  for (const key of Object.keys(value).reverse()) object[key] = reinserted(value[key] as JsonValue);
  return object;
}
