// The rule for ids that users choose, block nodes' names among them: QEMU's id_wellformed (util/id.c).

const wellFormed = /^[A-Za-z][A-Za-z0-9._-]*$/;

export function isWellFormedId(id: string): boolean {
  return wellFormed.test(id);
}
