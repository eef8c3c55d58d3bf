// The types that every schema has without defining them (qapi-code-gen.rst, "Built-in Types").

/** How a value looks on the wire; the words are those of query-qmp-schema's JSONType. */
export type JsonType = 'string' | 'number' | 'int' | 'boolean' | 'null' | 'object' | 'array' | 'value';

export const builtinTypes: ReadonlyMap<string, JsonType> = new Map<string, JsonType>([
  ['str', 'string'],
  ['number', 'number'],
  ['int', 'int'],
  ['int8', 'int'],
  ['int16', 'int'],
  ['int32', 'int'],
  ['int64', 'int'],
  ['uint8', 'int'],
  ['uint16', 'int'],
  ['uint32', 'int'],
  ['uint64', 'int'],
  ['size', 'int'],
  ['bool', 'boolean'],
  ['any', 'value'],
  ['null', 'null'],
]);

/** QType is the one built-in enumeration. */
export const qtypeName = 'QType';
export const qtypeValues: readonly string[] = ['none', 'qnull', 'qnum', 'qstring', 'qdict', 'qlist', 'qbool'];
