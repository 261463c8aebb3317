import type { SessionIo } from '../../session/session.ts';

/** What a command has of the world: given by main, so that only main knows the process. */
export interface CommandIo extends SessionIo {
  /** Data, and nothing else. */
  readonly stdout: (text: string) => void;
  /** The same of bytes; resolves when they are written, rejects when they cannot be. Absent: stdout is a terminal. */
  readonly stdoutBytes?: (bytes: Uint8Array) => Promise<void>;
  /** What stdout is, where it is a terminal: its size now. */
  readonly terminal?: () => { readonly columns: number; readonly rows: number };
  /** A person is at both ends, on a terminal that can be drawn on. */
  readonly isTerminal: boolean;
}
