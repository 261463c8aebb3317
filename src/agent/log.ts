/** Where the agent says what it does: one line a call, plain words. */
export interface Log {
  info(line: string): void;
  /** Only with KFLOW_DEBUG. */
  debug(line: string): void;
}

/** A terminal obeys it, it turns the direction of writing or cannot be seen, or ends a line. */
const STEERS = /[\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu;

/** Writes lines as "kflow-agent: …". */
export function createLog(write: (text: string) => void, debug: boolean, program = 'kflow-agent'): Log {
  // What a path or an error says must not make two lines of one, nor reach a terminal as a control sequence.
  const info = (line: string) => write(`${program}: ${line.replace(STEERS, '\ufffd')}\n`);
  return { info, debug: debug ? info : () => {} };
}

export const SILENT_LOG: Log = { info: () => {}, debug: () => {} };
