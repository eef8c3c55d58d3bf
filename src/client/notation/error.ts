// The one error of the command notation (notation.ts): text that is not a command, and where it goes wrong.

/** The text is not a command. `column` counts from 0, in the whole text that was given. */
export class NotationError extends Error {
  override readonly name: string = 'NotationError';
  readonly column: number;

  constructor(column: number, message: string) {
    super(message);
    this.column = column;
  }
}
