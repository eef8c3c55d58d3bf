// A member, enum value, branch or alternative, as documentation lists it.

import type { Condition, Feature, TypeRef } from '../schema.ts';

export interface DocumentedPart {
  readonly name: string;
  readonly type?: TypeRef;
  readonly optional?: true;
  readonly if?: Condition;
  readonly features?: readonly Feature[];
}
