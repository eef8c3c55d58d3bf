// The effects of all options that PCs have.

import { basicEffects } from './basic-effects.ts';
import { bootEffects } from './boot-effects.ts';
import { deviceEffects } from './device-effects.ts';
import type { OptionEffect } from './option-effect.ts';
import { processEffects } from './process-effects.ts';

/** `directory` gets the files that they need. */
export function allEffects(directory: string): readonly OptionEffect[] {
  return [basicEffects, bootEffects, deviceEffects, processEffects].flatMap((make) => make(directory));
}
