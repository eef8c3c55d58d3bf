// Schemas made up at random, for property tests: valid ones, with every kind of definition and with references in all
// directions, as the text of a schema file.

import fc from 'fast-check';

const builtins = ['str', 'int', 'uint8', 'size', 'bool', 'number', 'any', 'null'];
const featureLists = [[], [], [], ['deprecated'], ['unstable'], ['fast', 'wide']];

/** What is drawn for one schema; the names follow from the numbers. */
interface Plan {
  readonly enums: readonly (readonly number[])[];
  readonly structs: readonly {
    readonly members: readonly MemberPlan[];
    readonly base: number;
  }[];
  readonly unions: readonly { readonly tag: number; readonly branches: readonly number[] }[];
  readonly alternates: readonly { readonly kinds: number; readonly struct: number }[];
  readonly commands: readonly {
    readonly members: readonly MemberPlan[];
    readonly returns: number;
    readonly features: number;
    readonly oob: boolean;
  }[];
  readonly events: readonly (readonly MemberPlan[])[];
}

interface MemberPlan {
  readonly type: number;
  readonly array: boolean;
  readonly optional: boolean;
  readonly features: number;
}

const number: fc.Arbitrary<number> = fc.nat(10_000);
const member: fc.Arbitrary<MemberPlan> = fc.record({
  type: number,
  array: fc.boolean(),
  optional: fc.boolean(),
  features: number,
});
const members: fc.Arbitrary<MemberPlan[]> = fc.array(member, { maxLength: 5 });

const plan: fc.Arbitrary<Plan> = fc.record({
  enums: fc.array(fc.array(number, { minLength: 1, maxLength: 5 }), { minLength: 1, maxLength: 4 }),
  structs: fc.array(fc.record({ members, base: number }), { minLength: 1, maxLength: 8 }),
  unions: fc.array(fc.record({ tag: number, branches: fc.array(number, { minLength: 1, maxLength: 4 }) }), {
    maxLength: 4,
  }),
  alternates: fc.array(fc.record({ kinds: number, struct: number }), { maxLength: 3 }),
  commands: fc.array(fc.record({ members, returns: number, features: number, oob: fc.boolean() }), {
    maxLength: 6,
  }),
  events: fc.array(members, { maxLength: 3 }),
});

function pick<Item>(items: readonly Item[], index: number): Item {
  const item = items[index % items.length];
  if (item === undefined) throw new RangeError('nothing to pick from');
  return item;
}

function quoted(names: readonly string[]): string {
  return `[ ${names.map((name) => `'${name}'`).join(', ')} ]`;
}

function featuresText(index: number): string {
  const list = pick(featureLists, index);
  return list.length === 0 ? '' : `, 'features': ${quoted(list)}`;
}

/** Structs only extend structs before them, and member names tell their owner: so nothing can collide. */
function textOf(drawn: Plan): string {
  const structNames = drawn.structs.map((_, index) => `Struct${index}x`);
  const unionNames = drawn.unions.map((_, index) => `Union${index}x`);
  const alternateNames = drawn.alternates.map((_, index) => `Alternate${index}x`);
  const enumNames = drawn.enums.map((_, index) => `Enum${index}x`);
  const types = [...builtins, ...structNames, ...unionNames, ...alternateNames, ...enumNames];
  const membersText = (owner: string, list: readonly MemberPlan[]): string => {
    const parts = list.map((each, index) => {
      const type = pick(types, each.type);
      const ref = each.array ? `[ '${type}' ]` : `'${type}'`;
      return `'${each.optional ? '*' : ''}${owner}-m${index}': { 'type': ${ref}${featuresText(each.features)} }`;
    });
    return `{ ${parts.join(',\n    ')} }`;
  };
  const valuesOf = (index: number): string[] =>
    [...new Set(pick(drawn.enums, index))].map((value) => `v${value}`);
  const lines: string[] = [];
  drawn.enums.forEach((_, index) => {
    lines.push(`{ 'enum': 'Enum${index}x', 'data': ${quoted(valuesOf(index))} }`);
  });
  drawn.structs.forEach(({ members: list, base }, index) => {
    const chosen = base % (index + 1);
    const baseText = chosen === index ? '' : `'base': 'Struct${chosen}x', `;
    lines.push(`{ 'struct': 'Struct${index}x', ${baseText}'data': ${membersText(`s${index}`, list)} }`);
  });
  drawn.unions.forEach(({ tag, branches }, index) => {
    const values = valuesOf(tag);
    const byValue = new Map(branches.map((branch) => [pick(values, branch), pick(structNames, branch)]));
    const data = [...byValue].map(([value, type]) => `'${value}': '${type}'`).join(', ');
    const enumName = pick(enumNames, tag);
    lines.push(
      `{ 'union': 'Union${index}x', 'base': { 'tag': '${enumName}' }, 'discriminator': 'tag', 'data': { ${data} } }`,
    );
  });
  drawn.alternates.forEach(({ kinds, struct }, index) => {
    const alternatives = [
      `'o': '${pick(structNames, struct)}'`,
      kinds % 2 === 0 ? `'s': 'str'` : `'b': 'bool', 'i': 'int'`,
      ...(kinds % 3 === 0 ? [`'n': 'null'`] : []),
      ...(kinds % 5 === 0 ? [`'l': [ 'any' ]`] : []),
    ];
    lines.push(`{ 'alternate': 'Alternate${index}x', 'data': { ${alternatives.join(', ')} } }`);
  });
  drawn.commands.forEach(({ members: list, returns, features, oob }, index) => {
    const returned = pick([...structNames, ...unionNames], returns);
    const flags = `${featuresText(features)}${oob ? `, 'allow-oob': true` : ''}`;
    const returnsText =
      returns % 3 === 0 ? '' : `, 'returns': ${returns % 3 === 1 ? `[ '${returned}' ]` : `'${returned}'`}`;
    lines.push(`{ 'command': 'command-${index}', 'data': ${membersText('a', list)}${returnsText}${flags} }`);
  });
  drawn.events.forEach((list, index) => {
    lines.push(`{ 'event': 'EVENT_${index}', 'data': ${membersText('d', list)} }`);
  });
  return `${lines.join('\n')}\n`;
}

/** Texts of valid schemas. */
export const schemaTexts: fc.Arbitrary<string> = plan.map(textOf);
