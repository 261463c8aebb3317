import { InputDecoder } from './input-decoder.ts';
import type { InputEvent } from './input-events.ts';

/** The pause after which ESC is the key: a terminal sends a sequence at once. */
const ESCAPE_MS = 50;

/** The source of keys: a terminal, or a fake one in tests. */
export interface InputStream extends NodeJS.ReadableStream {
  readonly isTTY?: boolean;
  setRawMode?(raw: boolean): unknown;
}

/** The keyboard and the mouse as events. It is the only reader of stdin. */
export class Input {
  readonly #stream: InputStream;
  readonly #listener: (event: InputEvent) => void;
  readonly #decoder = new InputDecoder();
  readonly #read = (bytes: Buffer | string) => this.#take(bytes);
  #waiting: NodeJS.Timeout | undefined;
  #isOpen = false;

  constructor(stream: InputStream, listener: (event: InputEvent) => void) {
    this.#stream = stream;
    this.#listener = listener;
  }

  open(): void {
    this.#isOpen = true;
    this.#setRaw(true);
    this.#stream.on('data', this.#read);
    this.#stream.resume();
  }

  /** Stops reading until `open`, while another program uses the terminal. */
  close(): void {
    this.#isOpen = false;
    clearTimeout(this.#waiting);
    this.#decoder.reset();
    this.#stream.removeListener('data', this.#read);
    this.#stream.pause();
    this.#setRaw(false);
  }

  #take(bytes: Buffer | string): void {
    clearTimeout(this.#waiting);
    this.#emit(this.#decoder.write(typeof bytes === 'string' ? Buffer.from(bytes) : bytes));
    if (this.#isOpen && this.#decoder.isUndecided)
      this.#waiting = setTimeout(() => this.#emit(this.#decoder.flush()), ESCAPE_MS);
  }

  #emit(events: readonly InputEvent[]): void {
    for (const event of events) if (this.#isOpen) this.#listener(event);
  }

  #setRaw(raw: boolean): void {
    if (!this.#stream.isTTY) return;
    try {
      this.#stream.setRawMode?.(raw);
    } catch {
      // The terminal is gone, or belongs to another process group (EIO).
    }
  }
}
