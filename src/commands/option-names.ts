// The names of the machine's options, as the schema's enumeration MachineOptionName lists them.

import { type MachineOptionName, schemaIndex } from '../schema/index.ts';

const definition = schemaIndex.definition('MachineOptionName');

export const machineOptionNames: readonly MachineOptionName[] =
  definition?.kind === 'enum' ? definition.values.map(({ name }) => name as MachineOptionName) : [];
