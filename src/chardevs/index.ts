// Character device backends and their registry: what the rest of qmpd may use of this folder.

export { chardevTypes } from './kinds/index.ts';
export { ChardevRegistry } from './registry.ts';
