// A command line that cannot be understood; main.ts prints it with a hint at --help and exits with status 2.

export class UsageError extends Error {
  override readonly name: string = 'UsageError';
}
