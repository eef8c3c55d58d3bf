// Back end: TypeScript types for every definition, and the maps from command and event names to theirs. Wire names
// stay as they are. Object types are type aliases, not interfaces: only those can be given where any JSON object is
// wanted.

import type { AlternateType, Definition, EnumType, Member, ObjectType, Schema, TypeRef } from '../schema.ts';
import { emptyTypeName } from '../schema.ts';
import { elementTypeOf, SchemaIndex } from '../schema-index.ts';
import { CodeWriter, stringLiteral } from './code-writer.ts';
import { typeIdentifiers } from './identifiers.ts';
import { definitionComment, partComment, valueList } from './tsdoc.ts';

export interface TypeScriptOptions {
  /** Comment lines at the top. */
  readonly header: readonly string[];
  /** Where the generated module imports Double, JsonInteger and JsonValue from. */
  readonly valueModule: string;
}

const builtinTexts: ReadonlyMap<string, string> = new Map([
  ['str', 'string'],
  ['number', 'JsonNumber'],
  ['int', 'JsonInteger'],
  ['int8', 'number'],
  ['int16', 'number'],
  ['int32', 'number'],
  ['int64', 'JsonInteger'],
  ['uint8', 'number'],
  ['uint16', 'number'],
  ['uint32', 'number'],
  ['uint64', 'JsonInteger'],
  ['size', 'JsonInteger'],
  ['bool', 'boolean'],
  ['any', 'JsonValue'],
  ['null', 'null'],
]);

class TypeScriptBackend {
  readonly #index: SchemaIndex;
  readonly #identifiers: ReadonlyMap<string, string>;
  readonly #out = new CodeWriter();

  constructor(schema: Schema) {
    this.#index = new SchemaIndex(schema);
    this.#identifiers = typeIdentifiers(schema);
  }

  module(options: TypeScriptOptions, imports: readonly string[]): string {
    const out = this.#out;
    for (const line of options.header) out.line(`// ${line}`.trimEnd());
    if (options.header.length > 0) out.line();
    for (const line of imports) out.line(line);
    out.line(`import type { Double, JsonInteger, JsonValue } from ${stringLiteral(options.valueModule)};`);
    out.line();
    out.comment('Any JSON number; a double that happens to be integral is kept apart as a `Double`.');
    out.line('export type JsonNumber = JsonInteger | Double;');
    out.line();
    out.comment('An object without members.');
    out.line('export type NoMembers = Record<string, never>;');
    for (const definition of this.#index.schema.definitions) this.#definition(definition);
    this.#commandMap();
    this.#eventMap();
    return out.text();
  }

  /** The TypeScript type of a wire type. */
  text(ref: TypeRef): string {
    const element = elementTypeOf(ref);
    if (element !== undefined) return `${this.text(element)}[]`;
    return builtinTexts.get(ref) ?? this.#identifier(ref);
  }

  #identifier(name: string): string {
    if (name === 'QType') return 'string';
    return this.#identifiers.get(name) ?? 'NoMembers';
  }

  #definition(definition: Definition): void {
    if (definition.kind === 'command' || definition.kind === 'event') return;
    // The implicit base of a union is written out in the union.
    if (!this.#identifiers.has(definition.name)) return;
    this.#out.line();
    if (definition.kind === 'object') this.#object(definition);
    else if (definition.kind === 'enum') this.#enum(definition);
    else this.#alternate(definition);
  }

  #declare(definition: Definition, parts: readonly string[]): void {
    const declaration = `export type ${this.#identifier(definition.name)} =`;
    const oneLine = `${declaration} ${parts.join(' | ')};`;
    if (oneLine.length <= 110) {
      this.#out.line(oneLine);
      return;
    }
    this.#out.block(declaration, '', () => {
      parts.forEach((part, index) => {
        this.#out.line(`| ${part}${index === parts.length - 1 ? ';' : ''}`);
      });
    });
  }

  #enum(definition: EnumType): void {
    const comment = [definitionComment(definition), valueList(definition, definition.values)];
    this.#out.comment(comment.filter((text) => text !== '').join('\n\n'));
    const values = definition.values.map((value) => stringLiteral(value.name));
    this.#declare(definition, values.length === 0 ? ['never'] : values);
  }

  #alternate(definition: AlternateType): void {
    this.#out.comment(definitionComment(definition));
    const types = definition.alternatives.map((alternative) => this.text(alternative.type));
    this.#declare(definition, [...new Set(types)]);
  }

  #object(definition: ObjectType): void {
    const out = this.#out;
    out.comment(definition.implicit ? '' : definitionComment(definition));
    const name = this.#identifier(definition.name);
    if (definition.tag !== undefined) {
      this.#union(definition, definition.tag, name);
      return;
    }
    const base =
      definition.base === undefined || this.#isEmpty(definition.base)
        ? ''
        : `${this.text(definition.base)} & `;
    if (definition.members.length === 0) {
      out.line(`export type ${name} = ${base === '' ? 'NoMembers' : base.slice(0, -3)};`);
      return;
    }
    out.block(`export type ${name} = ${base}{`, '};', () => this.#members(definition, definition.members));
  }

  /** `NoMembers` forbids every member: it must not be intersected with anything. */
  #isEmpty(name: string): boolean {
    const type = this.#index.object(name);
    return type.tag === undefined && this.#index.membersOf(type).length === 0;
  }

  #members(owner: Definition, members: readonly Member[]): void {
    for (const member of members) {
      this.#out.comment(partComment(this.#documenting(owner), member));
      this.#out.line(`${propertyKey(member.name)}${member.optional ? '?' : ''}: ${this.text(member.type)};`);
    }
  }

  /** The definition whose comment describes the members of an implicit type. */
  #documenting(owner: Definition): Definition {
    if (owner.kind !== 'object' || !owner.implicit) return owner;
    const name = owner.name.replace(/^q_obj_/, '').replace(/-(arg|base)$/, '');
    return this.#index.definition(name) ?? owner;
  }

  #union(definition: ObjectType, tag: string, name: string): void {
    const out = this.#out;
    const branches = this.#branchTexts(definition, tag).map((branch) => `| ${branch}`);
    const base = definition.base === undefined ? definition : this.#index.object(definition.base);
    const common = this.#index.membersOf(base).filter((member) => member.name !== tag);
    if (common.length === 0) {
      const last = branches.length - 1;
      out.block(`export type ${name} =`, '', () => {
        branches.forEach((branch, index) => {
          out.line(index === last ? `${branch};` : branch);
        });
      });
      return;
    }
    if (base.implicit || base === definition)
      out.block(`export type ${name} = {`, '} & (', () => this.#members(definition, common));
    else out.line(`export type ${name} = ${this.text(base.name)} & (`);
    out.block('  // by the tag:', ');', () => {
      for (const branch of branches) out.line(branch);
    });
  }

  #branchTexts(definition: ObjectType, tag: string): string[] {
    const key = propertyKey(tag);
    const withMembers: string[] = [];
    const without: string[] = [];
    for (const branch of this.#index.branchesOf(definition)) {
      const literal = stringLiteral(branch.name);
      if (this.#isEmpty(branch.type)) without.push(literal);
      else withMembers.push(`({ ${key}: ${literal} } & ${this.text(branch.type)})`);
    }
    return without.length === 0 ? withMembers : [...withMembers, `{ ${key}: ${without.join(' | ')} }`];
  }

  #commandMap(): void {
    const out = this.#out;
    out.line();
    out.comment('The arguments and the result of each command.');
    out.block('export interface CommandMap {', '}', () => {
      for (const command of this.#index.commands()) {
        out.comment(definitionComment(command));
        const args = this.text(command.arguments ?? emptyTypeName);
        const returns = this.text(command.returns ?? emptyTypeName);
        out.line(`${stringLiteral(command.name)}: { arguments: ${args}; returns: ${returns} };`);
      }
    });
    out.line();
    out.line('export type CommandName = keyof CommandMap;');
  }

  #eventMap(): void {
    const out = this.#out;
    out.line();
    out.comment('The data of each event.');
    out.block('export interface EventMap {', '}', () => {
      for (const event of this.#index.events()) {
        out.comment(definitionComment(event));
        out.line(`${stringLiteral(event.name)}: ${this.text(event.data ?? emptyTypeName)};`);
      }
    });
    out.line();
    out.line('export type EventName = keyof EventMap;');
  }
}

function propertyKey(name: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(name) ? name : stringLiteral(name);
}

/** A module with a type for every definition of the schema; `imports` are further lines for its top. */
export function typescriptTypes(
  schema: Schema,
  options: TypeScriptOptions,
  imports: readonly string[] = [],
): string {
  return new TypeScriptBackend(schema).module(options, imports);
}
