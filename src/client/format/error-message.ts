const NO_MESSAGE = 'an error without a message';

/**
 * A message for any thrown or emitted value: libraries throw their own errors, strings, and undefined. Never throws, and
 * is never empty: an error that a peer causes must become that peer's state.
 */
export function errorMessage(thrown: unknown): string {
  try {
    const message: unknown = typeof thrown === 'object' && thrown !== null ? Reflect.get(thrown, 'message') : thrown;
    if (typeof message === 'string' && message !== '') return message;
    if (thrown instanceof Error) return thrown.name;
    return typeof thrown === 'number' ? String(thrown) : NO_MESSAGE;
  } catch {
    return NO_MESSAGE;
  }
}

/** The thrown value as an Error, for code that needs a message. */
export function asError(thrown: unknown): Error {
  return thrown instanceof Error && thrown.message !== '' ? thrown : new Error(errorMessage(thrown), { cause: thrown });
}
