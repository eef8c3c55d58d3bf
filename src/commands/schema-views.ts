// Which schema clients see at the moment: qmpd's alone, or merged with that of the QEMU behind it.

import type { ForwardReply } from '../machine/instance.ts';
import type { SchemaView } from './context.ts';
import { mergedSchemaView, ownSchemaView } from './schema.ts';

export class SchemaViews {
  #merged: { readonly from: string | Uint8Array; readonly view: SchemaView } | undefined;

  /** `theirs`: the answer to `query-qmp-schema` of the QEMU that is, or would be, behind qmpd. Undefined without one. */
  of(theirs: ForwardReply | undefined): SchemaView {
    if (theirs === undefined || theirs.kind === 'error') return ownSchemaView();
    // Who answers keeps the answer, so that the same text means the same schema.
    if (this.#merged?.from !== theirs.text) {
      this.#merged = { from: theirs.text, view: mergedSchemaView(theirs.text) };
    }
    return this.#merged.view;
  }
}
