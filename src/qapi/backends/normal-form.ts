// Back end: the schema in its own language again, in one file and one style. What it prints compiles to the same
// definitions; comments other than documentation are gone, and pragmas are only those that the definitions need.

import { documentedParts } from '../language/doc-rules.ts';
import { faultOfCommandName, faultOfLowerName, faultOfValueName } from '../language/naming.ts';
import type {
  Branch,
  Command,
  Condition,
  Definition,
  Doc,
  Feature,
  Member,
  ObjectType,
  Schema,
  TypeRef,
} from '../schema.ts';
import { elementTypeOf, SchemaIndex } from '../schema-index.ts';

const lineWidthMax = 79;

/** A value of the schema language, with objects as lists of pairs to keep their order. */
type Node = string | boolean | readonly Node[] | { readonly entries: readonly (readonly [string, Node])[] };

function quote(text: string): string {
  return `'${text.replaceAll('\\', '\\\\')}'`;
}

function isObjectNode(node: Node): node is { readonly entries: readonly (readonly [string, Node])[] } {
  return typeof node === 'object' && 'entries' in node && !Array.isArray(node);
}

function oneLine(node: Node): string {
  if (typeof node === 'string') return quote(node);
  if (typeof node === 'boolean') return String(node);
  const parts = isObjectNode(node)
    ? node.entries.map(([key, value]) => `${quote(key)}: ${oneLine(value)}`)
    : (node as readonly Node[]).map(oneLine);
  const [open, close] = isObjectNode(node) ? '{}' : '[]';
  return parts.length === 0 ? `${open}${close}` : `${open} ${parts.join(', ')} ${close}`;
}

/** Prints on one line what fits there, else with one part a line, each after its brackets' indentation. */
function print(node: Node, indent: number, used: number): string {
  const short = oneLine(node);
  if (typeof node === 'string' || typeof node === 'boolean' || used + short.length <= lineWidthMax)
    return short;
  const inner = indent + 2;
  const pad = ' '.repeat(inner);
  if (isObjectNode(node)) {
    const parts = node.entries.map(([key, value]) => {
      const label = `${quote(key)}: `;
      return label + print(value, inner, inner + label.length);
    });
    return `{ ${parts.join(`,\n${pad}`)} }`;
  }
  return `[ ${filled(
    (node as readonly Node[]).map((item) => print(item, inner, inner)),
    pad,
  )} ]`;
}

/** Items of a list one after the other, with line breaks where a line is full. */
function filled(items: readonly string[], pad: string): string {
  let text = '';
  let width = pad.length;
  items.forEach((item, index) => {
    const piece = index === items.length - 1 ? item : `${item},`;
    if (index > 0 && width + piece.length + 1 > lineWidthMax) {
      text += `\n${pad}`;
      width = pad.length;
    } else if (index > 0) {
      text += ' ';
      width += 1;
    }
    text += piece;
    width += piece.length;
  });
  return text;
}

/** A member that is left out when it has no value. */
type Entry = readonly [string, Node | undefined];

function object(...entries: readonly Entry[]): Node {
  return { entries: entries.filter((entry): entry is [string, Node] => entry[1] !== undefined) };
}

function conditionNode(condition: Condition | undefined): Node | undefined {
  if (condition === undefined || typeof condition === 'string') return condition;
  if ('not' in condition) return object(['not', conditionNode(condition.not)]);
  const [key, parts] = 'all' in condition ? ['all', condition.all] : ['any', condition.any];
  return object([key, parts.map((part) => conditionNode(part) ?? '')]);
}

function featuresNode(features: readonly Feature[] | undefined): Node | undefined {
  return features?.map((feature) => namedNode(feature));
}

function namedNode(named: { name: string; if?: Condition; features?: readonly Feature[] }): Node {
  if (named.if === undefined && named.features === undefined) return named.name;
  return object(
    ['name', named.name],
    ['if', conditionNode(named.if)],
    ['features', featuresNode(named.features)],
  );
}

function refNode(ref: TypeRef): Node {
  const element = elementTypeOf(ref);
  return element === undefined ? ref : [element];
}

function typedNode(part: Branch | Member): Node {
  const features = 'features' in part ? part.features : undefined;
  if (part.if === undefined && features === undefined) return refNode(part.type);
  return object(
    ['type', refNode(part.type)],
    ['if', conditionNode(part.if)],
    ['features', featuresNode(features)],
  );
}

function membersNode(members: readonly Member[]): Node {
  return object(
    ...members.map((each) => [`${each.optional ? '*' : ''}${each.name}`, typedNode(each)] as const),
  );
}

function branchesNode(branches: readonly Branch[]): Node {
  return object(...branches.map((branch) => [branch.name, typedNode(branch)] as const));
}

class NormalForm {
  readonly #index: SchemaIndex;

  constructor(index: SchemaIndex) {
    this.#index = index;
  }

  definition(definition: Definition): string {
    const doc = definition.doc === undefined ? '' : docText(definition.name, definition.doc);
    return `${doc}${print(this.#node(definition), 0, 0)}\n`;
  }

  #node(definition: Definition): Node {
    const { name } = definition;
    const common: Entry[] = [
      ['if', conditionNode(definition.if)],
      ['features', featuresNode(definition.features)],
    ];
    switch (definition.kind) {
      case 'enum': {
        const data = definition.values.map(namedNode);
        return object(['enum', name], ['prefix', definition.prefix], ['data', data], ...common);
      }
      case 'alternate':
        return object(['alternate', name], ['data', branchesNode(definition.alternatives)], ...common);
      case 'command':
        return this.#command(definition, common);
      case 'event': {
        const data = this.#argumentsNode(definition.data);
        return object(['event', name], ['data', data], ['boxed', definition.boxed], ...common);
      }
      case 'object':
        return this.#object(definition, common);
    }
  }

  #command(command: Command, common: readonly Entry[]): Node {
    return object(
      ['command', command.name],
      ['data', this.#argumentsNode(command.arguments)],
      ['boxed', command.boxed],
      ['returns', command.returns === undefined ? undefined : refNode(command.returns)],
      ['gen', command.gen],
      ['success-response', command.successResponse],
      ['allow-oob', command.allowOob],
      ['allow-preconfig', command.allowPreconfig],
      ['coroutine', command.coroutine],
      ...common,
    );
  }

  #object(type: ObjectType, common: readonly Entry[]): Node {
    const members = membersNode(type.members);
    if (type.tag === undefined) {
      return object(['struct', type.name], ['base', type.base], ['data', members], ...common);
    }
    return object(
      ['union', type.name],
      // A union that was read from introspection has its members in place of a base.
      ['base', type.base === undefined ? members : this.#argumentsNode(type.base)],
      ['discriminator', type.tag],
      ['data', branchesNode(type.branches ?? [])],
      ...common,
    );
  }

  /** The members of an implicit type, the name of any other. */
  #argumentsNode(ref: TypeRef | undefined): Node | undefined {
    if (ref === undefined) return undefined;
    const type = this.#index.object(ref);
    return type.implicit ? membersNode(type.members) : ref;
  }

  pragmas(): string {
    const { definitions } = this.#index.schema;
    const lists: [string, string[]][] = [
      ['command-name-exceptions', []],
      ['command-returns-exceptions', []],
      ['documentation-exceptions', []],
      ['member-name-exceptions', []],
    ];
    const [commandNames, commandReturns, documentation, memberNames] = lists.map(([, names]) => names);
    for (const definition of definitions) {
      if (definition.kind === 'object' && definition.implicit) continue;
      if (definition.kind === 'command') {
        if (faultOfCommandName(definition.name, {}) !== undefined) commandNames?.push(definition.name);
        if (this.#returnsException(definition.returns)) commandReturns?.push(definition.name);
      }
      if (this.#lacksDocumentation(definition)) documentation?.push(definition.name);
      if (this.#hasOddMembers(definition)) memberNames?.push(definition.name);
    }
    const used = lists
      .filter(([, names]) => names.length > 0)
      .map(([pragma, names]): [string, string[]] => [pragma, names.toSorted()]);
    return used.length === 0 ? '' : `${print(object(['pragma', object(...used)]), 0, 0)}\n`;
  }

  #returnsException(returns: TypeRef | undefined): boolean {
    if (returns === undefined) return false;
    return this.#index.type(elementTypeOf(returns) ?? returns)?.kind !== 'object';
  }

  #lacksDocumentation(definition: Definition): boolean {
    if (definition.doc === undefined) return false;
    const described = new Set(definition.doc.members.map((member) => member.name));
    return documentedParts(this.#index, definition).parts.some((part) => !described.has(part.name));
  }

  #hasOddMembers(definition: Definition): boolean {
    const isOdd = (name: string): boolean => faultOfLowerName(name) !== undefined;
    if (definition.kind === 'enum') {
      return definition.values.some((value) => faultOfValueName(value.name, {}) !== undefined);
    }
    if (definition.kind === 'alternate') return false;
    const { parts } = documentedParts(this.#index, definition);
    return parts.some((part) => isOdd(part.name));
  }
}

function commentLines(text: string, indent: string): string {
  return text
    .split('\n')
    .map((line) => (line === '' ? '#\n' : `# ${indent}${line}\n`))
    .join('');
}

/** `@name: text`, the later lines indented. */
function described(label: string, text: string): string {
  const [first = '', ...rest] = text.split('\n');
  // The first of the later lines sets the indentation of all: it must not have any of its own.
  if (rest.find((line) => line !== '')?.startsWith(' '))
    return `#\n# ${label}:\n${commentLines(text, '    ')}`;
  const more = rest.length === 0 ? '' : commentLines(rest.join('\n'), '    ');
  return `#\n# ${label}: ${first}\n${more}`;
}

function docText(name: string, doc: Doc): string {
  let text = `##\n# @${name}:\n`;
  if (doc.overview !== '') text += `#\n${commentLines(doc.overview, '')}`;
  for (const member of doc.members) text += described(`@${member.name}`, member.text);
  if (doc.features.length > 0) text += '#\n# Features:\n';
  for (const feature of doc.features) text += described(`@${feature.name}`, feature.text);
  for (const section of doc.sections) {
    text +=
      section.tag === '' ? `#\n${commentLines(section.text, '')}` : described(section.tag, section.text);
  }
  return `${text}##\n`;
}

/** The whole schema as one file of the schema language. */
export function normalForm(schema: Schema): string {
  const index = new SchemaIndex(schema);
  const form = new NormalForm(index);
  const texts = [form.pragmas()];
  let afterText = false;
  for (const item of schema.modules.flatMap((module) => module.items)) {
    if ('text' in item) {
      texts.push(`##\n${commentLines(item.text, '')}##\n`);
      afterText = true;
      continue;
    }
    const definition = index.definition(item.definition);
    if (definition === undefined) continue;
    // A comment right before a definition would have to document it: any directive keeps the two apart.
    if (afterText && definition.doc === undefined) texts.push("{ 'pragma': {} }\n");
    texts.push(form.definition(definition));
    afterText = false;
  }
  return texts.filter((text) => text !== '').join('\n');
}
