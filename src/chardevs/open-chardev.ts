// What the registry, and the chardevs that are built on others, see of an open chardev. A class of its own implements
// it for each way of having frontends: one (single-chardev.ts), or several (mux.ts).

import type { Chardev } from '../machine/chardev.ts';

/** A chardev of the registry. */
export interface OpenChardev extends Chardev {
  readonly kind: string;
  /** `frontend-open` of query-chardev. */
  readonly frontendOpen: boolean;
  /** Labels of the frontends, for `query-chardev` and error texts. */
  readonly users: readonly string[];
  /** The slave side's name, for a pty. */
  readonly pty: string | undefined;
}
