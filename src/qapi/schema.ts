// The intermediate form: a whole schema as plain data, which every back end reads. It is made by compiling schema
// files (language/compile.ts) or by reading a running program's introspection (introspection/); it prints to JSON and
// back without loss. It holds no positions and no behaviour; lookups are in schema-index.ts.
// Answers to QEMU's docs/devel/qapi-code-gen.rst, "The QAPI schema language".

/** A built-in type's name, a definition's name, or `[NAME]` for an array of NAME. */
export type TypeRef = string;

/** A build-time condition: a symbol is true when it is defined. */
export type Condition =
  | string
  | { readonly all: readonly Condition[] }
  | { readonly any: readonly Condition[] }
  | { readonly not: Condition };

export interface Feature {
  readonly name: string;
  readonly if?: Condition;
}

export interface DocEntry {
  readonly name: string;
  readonly text: string;
}

/** A part of a documentation comment after its overview: plain text, or the text after `Since:` and the like. */
export interface DocSection {
  readonly tag: '' | 'Returns' | 'Errors' | 'Since' | 'TODO';
  readonly text: string;
}

/** The documentation comment of one definition. */
export interface Doc {
  readonly overview: string;
  readonly members: readonly DocEntry[];
  readonly features: readonly DocEntry[];
  readonly sections: readonly DocSection[];
}

interface DefinitionBase {
  readonly name: string;
  readonly if?: Condition;
  readonly features?: readonly Feature[];
  readonly doc?: Doc;
}

export interface EnumValue {
  readonly name: string;
  readonly if?: Condition;
  readonly features?: readonly Feature[];
}

export interface EnumType extends DefinitionBase {
  readonly kind: 'enum';
  readonly values: readonly EnumValue[];
  readonly prefix?: string;
}

export interface Member {
  readonly name: string;
  readonly type: TypeRef;
  readonly optional?: true;
  readonly if?: Condition;
  readonly features?: readonly Feature[];
}

/** A branch of a union: `name` is the tag's value, `type` an object type whose members come with it. */
export interface Branch {
  readonly name: string;
  readonly type: TypeRef;
  readonly if?: Condition;
}

/** A struct, or with `tag` a union; the ones that the compiler makes up for inline members are `implicit`. */
export interface ObjectType extends DefinitionBase {
  readonly kind: 'object';
  readonly implicit?: true;
  /** An object type whose members come first. */
  readonly base?: TypeRef;
  /** This type's own members, without those of the base. */
  readonly members: readonly Member[];
  readonly tag?: string;
  /** The branches that were written down; a tag value without one adds no members. */
  readonly branches?: readonly Branch[];
}

export interface AlternateType extends DefinitionBase {
  readonly kind: 'alternate';
  readonly alternatives: readonly Branch[];
}

export type TypeDefinition = EnumType | ObjectType | AlternateType;

export interface Command extends DefinitionBase {
  readonly kind: 'command';
  /** An object type; absent: no arguments. */
  readonly arguments?: TypeRef;
  /** Absent: an empty object. */
  readonly returns?: TypeRef;
  readonly boxed?: true;
  /** False: the handler gets its arguments unchecked. */
  readonly gen?: false;
  readonly successResponse?: false;
  readonly allowOob?: true;
  readonly allowPreconfig?: true;
  readonly coroutine?: true;
}

export interface Event extends DefinitionBase {
  readonly kind: 'event';
  /** An object type; absent: no data. */
  readonly data?: TypeRef;
  readonly boxed?: true;
}

export type Definition = TypeDefinition | Command | Event;

/** What a module holds, in the order it was written: free text, or a definition of that name. */
export type ModuleItem = { readonly text: string } | { readonly definition: string };

/** One schema file. */
export interface Module {
  /** The path relative to the root file's folder, without `.json`. */
  readonly name: string;
  readonly items: readonly ModuleItem[];
}

export interface Schema {
  /** In the order in which the files are first included; the root file is the first. */
  readonly modules: readonly Module[];
  /** Module by module, in the order written; the implicit types right before what needs them. */
  readonly definitions: readonly Definition[];
}

/** The type of a command without arguments or an event without data, where a name is needed. */
export const emptyTypeName = 'q_empty';

export function hasFeature(of: { readonly features?: readonly Feature[] }, name: string): boolean {
  return of.features?.some((feature) => feature.name === name) ?? false;
}
