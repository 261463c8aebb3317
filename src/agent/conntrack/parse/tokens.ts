import { STATE_NAMES, stateNumber } from '../../../flow/state.ts';

/** Kernels before 2.6.31 print LISTEN for the state that later kernels call SYN_SENT2. */
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

/** Returns the number of the state named in `bytes[start, end)`; -1 for a name that no kernel prints. */
export function parseState(bytes: Uint8Array, start: number, end: number): number {
  const candidates = BY_LENGTH[end - start];
  if (candidates === undefined) return -1;
  for (const { text, state } of candidates) {
    let at = 0;
    while (at < text.length && text[at] === bytes[start + at]) at++;
    if (at === text.length) return state;
  }
  return -1;
}

/** The keys of a line as bytes, including the "=", and its flags. */
export const SRC = encoder.encode('src=');
export const DST = encoder.encode('dst=');
export const SPORT = encoder.encode('sport=');
export const DPORT = encoder.encode('dport=');
export const TYPE = encoder.encode('type=');
export const CODE = encoder.encode('code=');
export const ID = encoder.encode('id=');
export const SRCKEY = encoder.encode('srckey=');
export const DSTKEY = encoder.encode('dstkey=');
export const PACKETS = encoder.encode('packets=');
export const BYTES = encoder.encode('bytes=');
export const MARK = encoder.encode('mark=');
export const USE = encoder.encode('use=');
export const ZONE = encoder.encode('zone=');
export const ZONE_ORIG = encoder.encode('zone-orig=');
export const ZONE_REPL = encoder.encode('zone-reply=');
/** The spelling of the program `conntrack`. */
export const ORIG_ZONE = encoder.encode('orig-zone=');
export const REPLY_ZONE = encoder.encode('reply-zone=');
export const SECCTX = encoder.encode('secctx=');
export const UNREPLIED = encoder.encode('[UNREPLIED]');
export const ASSURED = encoder.encode('[ASSURED]');
export const OFFLOAD = encoder.encode('[OFFLOAD]');
export const HW_OFFLOAD = encoder.encode('[HW_OFFLOAD]');
export const DELTA_TIME = encoder.encode('delta-time=');
