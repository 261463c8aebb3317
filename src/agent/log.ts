/** The agent's log. Each call writes one line. */
export interface Log {
  info(line: string): void;
  /** Only with KFLOW_DEBUG. */
  debug(line: string): void;
}

/** Characters that control a terminal, change the text direction, are invisible, or end a line. */
const STEERS = /[\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu;

/** Text from outside that cannot make a second line of one, or control a terminal. */
export function cleanLine(text: string): string {
  return text.replace(STEERS, '\ufffd');
}

/** Writes lines as "kflow-agent: …". */
export function createLog(write: (text: string) => void, debug: boolean, program = 'kflow-agent'): Log {
  // Text from a path or an error must not create a second line, or send a control sequence to a terminal.
  const info = (line: string) => write(`${program}: ${cleanLine(line)}\n`);
  return { info, debug: debug ? info : () => {} };
}

export const SILENT_LOG: Log = { info: () => {}, debug: () => {} };
