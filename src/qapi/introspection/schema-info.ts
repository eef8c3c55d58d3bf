// The form of query-qmp-schema's answer (QEMU: qapi/introspect.json): a list in which everything refers to types by
// name. This is the wire's form, with its member names; the intermediate form is ../schema.ts.

import type { JsonType } from '../builtin-types.ts';

interface InfoBase {
  readonly name: string;
  readonly features?: readonly string[];
}

export interface BuiltinInfo extends InfoBase {
  readonly 'meta-type': 'builtin';
  readonly 'json-type': JsonType;
}

export interface EnumMemberInfo {
  readonly name: string;
  readonly features?: readonly string[];
}

export interface EnumInfo extends InfoBase {
  readonly 'meta-type': 'enum';
  /** Made from `values` where a QEMU before 6.2 does not tell it. */
  readonly members: readonly EnumMemberInfo[];
  /** The names again: the older form. */
  readonly values: readonly string[];
}

export interface ArrayInfo extends InfoBase {
  readonly 'meta-type': 'array';
  readonly 'element-type': string;
}

export interface ObjectMemberInfo {
  readonly name: string;
  readonly type: string;
  /** There (as null) when the member is optional. */
  readonly default?: null;
  readonly features?: readonly string[];
}

export interface VariantInfo {
  readonly case: string;
  readonly type: string;
}

export interface ObjectInfo extends InfoBase {
  readonly 'meta-type': 'object';
  readonly members: readonly ObjectMemberInfo[];
  readonly tag?: string;
  readonly variants?: readonly VariantInfo[];
}

export interface AlternateInfo extends InfoBase {
  readonly 'meta-type': 'alternate';
  readonly members: readonly { readonly type: string }[];
}

export interface CommandInfo extends InfoBase {
  readonly 'meta-type': 'command';
  readonly 'arg-type': string;
  readonly 'ret-type': string;
  readonly 'allow-oob'?: boolean;
}

export interface EventInfo extends InfoBase {
  readonly 'meta-type': 'event';
  readonly 'arg-type': string;
}

export type SchemaInfo =
  | BuiltinInfo
  | EnumInfo
  | ArrayInfo
  | ObjectInfo
  | AlternateInfo
  | CommandInfo
  | EventInfo;
