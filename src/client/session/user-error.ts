/** Ends a command with one clear message; `main` prints it. */
export class Failure extends Error {
  override name = 'Failure';
  /** 1: it failed. 2: it was called wrongly. */
  readonly status: 1 | 2;

  constructor(message: string, status: 1 | 2 = 1) {
    super(message);
    this.status = status;
  }
}

export function usageError(message: string): Failure {
  return new Failure(message, 2);
}
