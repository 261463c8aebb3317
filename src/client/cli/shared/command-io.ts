import type { SessionIo } from '../../session/session.ts';

/** A command's access to the process, provided by main, so that only main uses the process itself. */
export interface CommandIo extends SessionIo {
  /** For data only. */
  readonly stdout: (text: string) => void;
  /** Writes bytes; resolves when they are written, rejects when they cannot be. Absent: stdout is a terminal. */
  readonly stdoutBytes?: (bytes: Uint8Array) => Promise<void>;
  /** The current size of stdout, if it is a terminal. */
  readonly terminal?: () => { readonly columns: number; readonly rows: number };
  /** Called before a command runs; help and version do not call it. */
  readonly beforeCommand?: () => Promise<void>;
  /** Asks the operator on stderr; false: no, or the end of the input. Absent: nobody is there to answer. */
  readonly confirm?: (question: string) => Promise<boolean>;
  /** stdin and stdout are a terminal with cursor control. */
  readonly isTerminal: boolean;
}
