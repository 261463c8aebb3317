/** Ends a command with one clear message; `main` prints it. */
export class UserError extends Error {
  override name = 'UserError';
  /** 1: error. 2: usage error. */
  readonly exitCode: 1 | 2;

  constructor(message: string, status: 1 | 2 = 1) {
    super(message);
    this.exitCode = status;
  }
}

export function usageError(message: string): UserError {
  return new UserError(message, 2);
}
