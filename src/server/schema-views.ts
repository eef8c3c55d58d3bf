// Which schema clients are shown at the moment: ours alone, or merged with that of the QEMU behind.

import type { SchemaView } from '../commands/context.ts';
import type { Engine } from '../machine/engine.ts';
import { mergedSchemaView, ownSchemaView } from './schema.ts';

export class SchemaViews {
  #merged: { readonly from: string | Uint8Array; readonly view: SchemaView } | undefined;

  /** `engine`: the one of the machine that exists or would be created. Ours alone when it cannot tell its schema. */
  async of(engine: Engine | undefined): Promise<SchemaView> {
    const reply = await engine?.answerBlank?.('query-qmp-schema', undefined);
    if (reply === undefined || reply.kind === 'error') return ownSchemaView();
    // The engine keeps its answer, so that the same text means the same schema.
    if (this.#merged?.from !== reply.text) {
      this.#merged = { from: reply.text, view: mergedSchemaView(reply.text) };
    }
    return this.#merged.view;
  }
}
