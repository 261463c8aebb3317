import { STATE_NAMES, stateNumber } from '../../flow/state.ts';

/** Kernels before 2.6.31 print LISTEN where later ones have SYN_SENT2. */
const SYNONYMS: readonly (readonly [string, string])[] = [['LISTEN', 'SYN_SENT2']];

interface Candidate {
  readonly text: Uint8Array;
  readonly state: number;
}

const BY_LENGTH: Candidate[][] = [];
const encoder = new TextEncoder();

for (const [text, name] of [...STATE_NAMES.slice(1).map((name) => [name, name] as const), ...SYNONYMS]) {
  const candidates = BY_LENGTH[text.length] ?? [];
  BY_LENGTH[text.length] = candidates;
  candidates.push({ text: encoder.encode(text), state: stateNumber(name) ?? 0 });
}

/** The number of the state whose name stands in `bytes[start, end)`; -1 for a name that no kernel prints. */
export function scanState(bytes: Uint8Array, start: number, end: number): number {
  const candidates = BY_LENGTH[end - start];
  if (candidates === undefined) return -1;
  for (const { text, state } of candidates) {
    let at = 0;
    while (at < text.length && text[at] === bytes[start + at]) at++;
    if (at === text.length) return state;
  }
  return -1;
}
