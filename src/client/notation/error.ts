// The one error of the command notation (notation.ts): text that is no command, with its place.

/** The text is no command. `column` counts from 0, in the whole text that was given. */
export class NotationError extends Error {
  override readonly name: string = 'NotationError';
  readonly column: number;

  constructor(column: number, message: string) {
    super(message);
    this.column = column;
  }
}
