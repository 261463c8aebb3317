/** Where the agent says what it does: one line a call, plain words. */
export interface Log {
  info(line: string): void;
  /** Only with KFLOW_DEBUG. */
  debug(line: string): void;
}

/** Writes lines as "kflow-agent: …". */
export function lineLog(write: (text: string) => void, debug: boolean): Log {
  // What a path or an error says must not make two lines of one, nor reach a terminal as a control sequence.
  const info = (line: string) => write(`kflow-agent: ${line.replace(/\p{Cc}+/gu, ' ')}\n`);
  return { info, debug: debug ? info : () => {} };
}

export const SILENT: Log = { info: () => {}, debug: () => {} };
