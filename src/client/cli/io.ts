/** What a command has of the world: given by main, so that only main knows the process. */
export interface CommandIo {
  /** Data, and nothing else. */
  readonly out: (text: string) => void;
  /** The same of bytes; resolves when they are written, rejects when they cannot be. Absent: stdout is a terminal. */
  readonly outBytes?: (bytes: Uint8Array) => Promise<void>;
  /** Resolves when what was put out is on its way, or nobody takes it any more: to be waited for between large pieces. */
  readonly drained: () => Promise<void>;
  /** Words. */
  readonly err: (text: string) => void;
  /** A line of words that the next one replaces; an empty one removes it. Absent where nobody sees it. */
  readonly progress?: (line: string) => void;
  /** Aborted on Ctrl-C, SIGTERM, a broken pipe and a full disk: clean up and return. */
  readonly signal: AbortSignal;
  readonly env: NodeJS.ProcessEnv;
  /** What stdout is, where it is a terminal: its size now. */
  readonly terminal?: () => { readonly columns: number; readonly rows: number };
  /** A person is at both ends, on a terminal that can be drawn on. */
  readonly isTerminal: boolean;
}
