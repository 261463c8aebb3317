import type { InputEvent } from './input-events.ts';
import { controlKey, csiKey, linuxKey, ss3Key } from './key-sequences.ts';
import { mouseReport } from './mouse-reports.ts';
import { PasteReader } from './paste-reader.ts';
import { characterOf, continuationsOf } from './utf8.ts';

type State = 'ground' | 'utf8' | 'escape' | 'csi' | 'linux' | 'x10' | 'ss3' | 'string' | 'string-escape' | 'paste';

const ESC = 0x1b;
const DEL = 0x7f;
const BEL = 0x07;
/** Always ends a string, so that a lost terminator cannot lock the keyboard. */
const CTRL_C = 0x03;
const CAN = 0x18;
const SUB = 0x1a;
const BACKSLASH = 0x5c;
/** The characters that start a sequence after ESC. Strings: OSC, DCS, APC, PM, SOS. */
const INTRODUCERS: Readonly<Record<string, State>> = {
  '[': 'csi',
  O: 'ss3',
  ']': 'string',
  P: 'string',
  _: 'string',
  '^': 'string',
  X: 'string',
};
/** More of one sequence is read, but not kept. */
const MAX_SEQUENCE_BYTES = 1024;

/**
 * Decodes a terminal's bytes into events, in chunks of any size. An incomplete sequence is kept until
 * `flush`, after a pause: ESC alone is then the key.
 */
export class InputDecoder {
  #state: State = 'ground';
  #bytes: number[] = [];
  /** The introducer of the sequence that is being read. */
  #introducer = '';
  /** The missing bytes of a character or a mouse report. */
  #missing = 0;
  #pasted = new PasteReader();
  #events: InputEvent[] = [];

  write(bytes: Uint8Array): readonly InputEvent[] {
    for (const byte of bytes) this.#take(byte);
    return this.#given();
  }

  /** Whether the last bytes are a key unless more follows soon: ESC, or ESC and one character. */
  get isUndecided(): boolean {
    return this.#state === 'escape' || this.#state === 'string-escape' || this.#isBareIntroducer();
  }

  flush(): readonly InputEvent[] {
    if (this.isUndecided) {
      // A longer sequence was not typed: it is kept however slowly it comes.
      this.#key('escape');
      if (this.#isBareIntroducer()) this.#text(this.#introducer);
      this.#state = 'ground';
    }
    return this.#given();
  }

  /** Drops an incomplete sequence, because another program used the terminal in between. */
  reset(): void {
    this.#state = 'ground';
    this.#bytes = [];
  }

  #given(): readonly InputEvent[] {
    const events = this.#events;
    this.#events = [];
    return events;
  }

  #isBareIntroducer(): boolean {
    const { length } = this.#bytes;
    return length === 0 && (this.#state === 'csi' || this.#state === 'ss3' || this.#state === 'string');
  }

  #take(byte: number): void {
    switch (this.#state) {
      case 'ground':
        this.#ground(byte);
        break;
      case 'utf8':
        this.#character(byte);
        break;
      case 'escape':
        this.#escape(byte);
        break;
      case 'csi':
        this.#csi(byte);
        break;
      case 'ss3':
        this.#ss3(byte);
        break;
      case 'linux':
        this.#end(linuxKey(String.fromCharCode(byte)));
        break;
      case 'x10':
        this.#x10(byte);
        break;
      case 'string':
        this.#string(byte);
        break;
      case 'string-escape':
        // ESC ends the string and starts a new sequence.
        if (byte === BACKSLASH) this.#end(undefined);
        else this.#escape(byte);
        break;
      case 'paste':
        this.#paste(byte);
    }
  }

  #ground(byte: number): void {
    if (byte === ESC) this.#begin('escape');
    else if (byte < 0x20 || byte === DEL) this.#key(controlKey(byte));
    else if (byte < 0x80) this.#text(String.fromCharCode(byte));
    else {
      this.#begin('utf8');
      this.#bytes.push(byte);
      this.#missing = continuationsOf(byte);
      if (this.#missing === 0) this.#characterEnd();
    }
  }

  #character(byte: number): void {
    if (byte < 0x80 || byte > 0xbf) {
      this.#characterEnd();
      this.#ground(byte);
      return;
    }
    this.#bytes.push(byte);
    this.#missing--;
    if (this.#missing === 0) this.#characterEnd();
  }

  #characterEnd(): void {
    this.#state = 'ground';
    this.#text(characterOf(this.#bytes));
  }

  #escape(byte: number): void {
    const introducer = String.fromCharCode(byte);
    const state = INTRODUCERS[introducer];
    if (state !== undefined) {
      this.#begin(state);
      this.#introducer = introducer;
      return;
    }
    this.#key('escape');
    this.#state = 'ground';
    this.#ground(byte);
  }

  #csi(byte: number): void {
    const isFirst = this.#bytes.length === 0;
    if (isFirst && byte === 0x5b) this.#state = 'linux';
    else if (isFirst && byte === 0x4d) {
      this.#state = 'x10';
      this.#missing = 3;
    } else if (byte >= 0x40 && byte < DEL) this.#csiEnd(String.fromCharCode(byte));
    // rxvt ends a key with Shift like this; replies with it continue.
    else if (byte === 0x24 && /^\d+$/.test(this.#collected())) this.#csiEnd('$');
    else if (byte >= 0x20 && byte < 0x40) this.#collect(byte);
    else this.#broken(byte);
  }

  #csiEnd(final: string): void {
    const parameters = this.#collected();
    if (final === '~' && parameters === '200') {
      this.#state = 'paste';
      this.#pasted = new PasteReader();
      return;
    }
    const report = mouseReport(parameters, final);
    this.#end(report === undefined ? csiKey(parameters, final) : { kind: 'mouse', ...report }, final);
  }

  #ss3(byte: number): void {
    if ((byte >= 0x40 && byte < DEL) || byte === 0x20)
      this.#end(ss3Key(this.#collected(), String.fromCharCode(byte)), String.fromCharCode(byte));
    else if (byte >= 0x30 && byte < 0x40) this.#collect(byte);
    else this.#broken(byte);
  }

  /** A report in the oldest form: three bytes, which are no text. */
  #x10(byte: number): void {
    this.#bytes.push(byte);
    if (--this.#missing > 0) return;
    const [code = 0, x = 0, y = 0] = this.#bytes;
    const report = mouseReport(`${code - 32};${x - 32};${y - 32}`, 'M');
    this.#end(report && { kind: 'mouse', ...report });
  }

  #string(byte: number): void {
    if (byte === BEL || byte === CAN || byte === SUB) this.#end(undefined);
    else if (byte === ESC) this.#state = 'string-escape';
    else if (byte === CTRL_C) this.#broken(byte);
    else this.#collect(byte);
  }

  #paste(byte: number): void {
    const text = this.#pasted.take(byte);
    if (text !== undefined) this.#end({ kind: 'paste', text });
  }

  #begin(state: State): void {
    this.#state = state;
    this.#bytes = [];
  }

  #collect(byte: number): void {
    if (this.#bytes.length < MAX_SEQUENCE_BYTES) this.#bytes.push(byte);
  }

  #collected(): string {
    return Buffer.from(this.#bytes).toString('latin1');
  }

  /** An invalid sequence: typed characters become keys, the rest is dropped. */
  #broken(byte: number): void {
    if (this.#isBareIntroducer()) {
      this.#key('escape');
      this.#text(this.#introducer);
    }
    this.#state = 'ground';
    this.#ground(byte);
  }

  /** Decodes a complete sequence; an unknown one is a reply of the terminal. */
  #end(event: InputEvent | undefined, final = ''): void {
    this.#events.push(event ?? { kind: 'reply', text: `${this.#introducer}${this.#collected()}${final}` });
    this.#state = 'ground';
  }

  #key(name: string): void {
    this.#events.push({ kind: 'key', name });
  }

  #text(text: string): void {
    this.#events.push({ kind: 'text', text });
  }
}
