const NO_MESSAGE = 'an error without a message';

/**
 * Words for whatever was thrown or emitted: libraries throw errors of their own kinds, texts, and nothing at all. Never throws, and
 * is never empty: what a peer causes must become that peer's state.
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

/** What was thrown, as an Error: for code that relies on a message. */
export function asError(thrown: unknown): Error {
  return thrown instanceof Error && thrown.message !== '' ? thrown : new Error(errorMessage(thrown), { cause: thrown });
}
