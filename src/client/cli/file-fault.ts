import { getSystemErrorMessage } from 'node:util';
import { NotARecording } from '../record/recording.ts';

/** Why a file cannot be read or written, in words. */
export function fileFault(error: unknown): string {
  if (error instanceof NotARecording) return error.message;
  if (!(error instanceof Error)) return String(error);
  const { code, errno } = error as NodeJS.ErrnoException;
  if (code === 'EISDIR') return 'a directory';
  return errno === undefined ? error.message : getSystemErrorMessage(errno);
}
