// What a creation test of an option is: a value, and where its effect is seen in a real QEMU.

import type { JsonObject, JsonValue } from '../../../../src/json/value.ts';
import type { QemuBinary, QemuUnderTest } from '../../../kit/qemu/qemu-under-test.ts';

export interface OptionEffect {
  /** The option, or several that only make sense together; the first is the one under test. */
  readonly options: JsonObject;
  /** Words for what the option refers to and the engine would put before it. */
  readonly before?: readonly string[];
  /** Throws when the effect is not there. */
  see?(qemu: QemuUnderTest, binary: QemuBinary): Promise<void>;
  /** The effect is that QEMU refuses to start, in these words. */
  readonly refused?: RegExp;
  /** A program and its arguments to run QEMU under; without it the effect cannot be seen. */
  readonly tracer?: readonly string[];
  /** Only root can see it. */
  readonly asRoot?: boolean;
  /** The oldest and the newest release that have the option. */
  readonly since?: number;
  readonly until?: number;
}

/** A dictionary as it comes from the wire, also inside. */
export function wire(value: unknown): JsonValue {
  if (Array.isArray(value)) return value.map(wire);
  if (typeof value !== 'object' || value === null) return value as JsonValue;
  const object: JsonObject = Object.create(null);
  for (const [key, member] of Object.entries(value)) object[key] = wire(member);
  return object;
}
