import { status } from '@grpc/grpc-js';
import { asError, errorMessage } from '../format/error-message.ts';

/** gRPC's own message about a failed connection is long: only the cause is kept. */
const SHORTER: readonly (readonly [RegExp, string])[] = [
  [/^No connection established\. Last error: (Error: )?/, ''],
  [/\. Resolution note: .*$/, ''],
  [/ ?\(\d{4}-\d\d-\d\dT[^)]*\)$/, ''],
  [/^Connection dropped$/, 'the connection broke'],
  [/^Protocol error$/, 'not a kflow agent: the server does not speak gRPC'],
  [/^Failed to connect$/, 'it closed the connection without a reply: not a kflow agent, or one behind TLS'],
  [/^Name resolution failed for target (dns:)?/, 'no address for '],
];

const UNREADABLE = 'its answer cannot be read: it is damaged, or compressed in an unknown way';

/** An operator's message for the error of a call. The library also emits errors that have neither `code` nor `details`. */
export function describeGrpcError(error: unknown): Error {
  if (error === null || error === undefined) return new Error('the agent gave no answer');
  const { code, details } = readErrorFields(error);
  // The library's own error on an invalid response; its message is only "undefined undefined: undefined".
  if (code === undefined) return new Error(UNREADABLE, { cause: error });
  const message = SHORTER.reduce((text, [pattern, short]) => text.replace(pattern, short), details);
  if (code === status.UNAVAILABLE && message !== '') return new Error(message);
  const reason = message === '' ? describeCode(code) : `${describeCode(code)}: ${message}`;
  return new Error(code === status.UNIMPLEMENTED ? `not a kflow agent (${reason})` : reason);
}

function readErrorFields(error: unknown): { code: number | undefined; details: string } {
  try {
    const { code, details } = error as { code?: unknown; details?: unknown };
    return {
      code: typeof code === 'number' ? code : undefined,
      details: typeof details === 'string' ? details : errorMessage(error),
    };
  } catch {
    return { code: undefined, details: '' };
  }
}

function describeCode(code: number): string {
  return (
    status[code] ?? (Number.isInteger(code) ? `unknown gRPC status ${code}` : 'its answer has no valid gRPC status')
  );
}

/** Wraps a listener: what it throws is passed to `failed`, because an uncaught exception would end the program. */
export function toError<A extends readonly unknown[]>(
  failed: (error: Error) => void,
  listener: (...args: A) => void,
): (...args: A) => void {
  return (...args) => {
    try {
      listener(...args);
    } catch (error) {
      failed(asError(error));
    }
  };
}
