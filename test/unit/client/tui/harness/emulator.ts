import { once } from 'node:events';
import { PassThrough, Writable } from 'node:stream';
import xterm from '@xterm/headless';

/** How a cell looks. Colours are numbers of the palette; absent: the terminal's own. */
export interface Look {
  readonly fg?: number;
  readonly bg?: number;
  readonly bold?: true;
  readonly dim?: true;
  readonly underline?: true;
  readonly inverse?: true;
}

/** The keyboard's end of a terminal. It counts as one, so that what reads it asks for raw mode. */
class Keyboard extends PassThrough {
  readonly isTTY = true;
  isRaw = false;

  setRawMode(raw: boolean): this {
    this.isRaw = raw;
    return this;
  }
}

/** The screen's end of a terminal. */
class Display extends Writable {
  readonly isTTY = true;
  columns: number;
  rows: number;

  constructor(columns: number, rows: number, show: (bytes: Buffer, shown: () => void) => void) {
    super({ write: (bytes: Buffer, _, done) => show(bytes, () => done()) });
    this.columns = columns;
    this.rows = rows;
  }
}

/** A terminal inside the test process: xterm.js, without a window. Its replies come in as keys do. */
export class Emulator {
  readonly input = new Keyboard();
  readonly output: Display;
  readonly #terminal: xterm.Terminal;
  #clipboard = '';

  constructor(columns: number, rows: number) {
    this.#terminal = new xterm.Terminal({ cols: columns, rows, allowProposedApi: true, scrollback: 0 });
    this.output = new Display(columns, rows, (bytes, shown) => {
      this.#terminal.write(bytes, () => {
        shown();
        this.output.emit('shown');
      });
    });
    this.#terminal.onData((reply) => this.input.write(reply));
    this.#terminal.parser.registerOscHandler(52, (data) => {
      this.#clipboard = Buffer.from(data.slice(data.indexOf(';') + 1), 'base64').toString();
      return true;
    });
  }

  resize(columns: number, rows: number): void {
    this.#terminal.resize(columns, rows);
    this.output.columns = columns;
    this.output.rows = rows;
    this.output.emit('resize');
  }

  /** What is on the screen, a line a row, without the blanks at the ends of lines. */
  lines(): string[] {
    const { active } = this.#terminal.buffer;
    return Array.from(
      { length: this.#terminal.rows },
      (_, y) => active.getLine(y)?.translateToString(true).trimEnd() ?? '',
    );
  }

  screen(): string {
    return this.lines().join('\n');
  }

  /** Rows and columns are counted from 0. */
  lookAt(x: number, y: number): Look {
    const cell = this.#terminal.buffer.active.getLine(y)?.getCell(x);
    if (cell === undefined) throw new Error(`no cell ${x}, ${y}`);
    return {
      ...(cell.isFgDefault() ? {} : { fg: cell.getFgColor() }),
      ...(cell.isBgDefault() ? {} : { bg: cell.getBgColor() }),
      ...(cell.isBold() ? { bold: true } : {}),
      ...(cell.isDim() ? { dim: true } : {}),
      ...(cell.isUnderline() ? { underline: true } : {}),
      ...(cell.isInverse() ? { inverse: true } : {}),
    };
  }

  /** The character that begins in a cell; empty where a wide one continues. */
  characterAt(x: number, y: number): string {
    return this.#terminal.buffer.active.getLine(y)?.getCell(x)?.getChars() ?? '';
  }

  /** How a text looks, by its first cell; where it is on the screen more than once, the first of them. */
  lookOf(text: string): Look {
    const { x, y } = this.find(text);
    return this.lookAt(x, y);
  }

  /** The cell where a text begins. */
  find(text: string): { readonly x: number; readonly y: number } {
    for (const [y, line] of this.lines().entries()) {
      const x = line.indexOf(text);
      if (x >= 0) return { x, y };
    }
    throw new Error(`no ${JSON.stringify(text)} on the screen:\n${this.screen()}`);
  }

  /** The screen with the look of every cell: two are equal only if a person sees no difference. */
  picture(): string {
    const { active } = this.#terminal.buffer;
    return Array.from({ length: this.#terminal.rows }, (_, y) => {
      let before = '';
      let text = '';
      for (let x = 0; x < this.#terminal.cols; x++) {
        const look = JSON.stringify(this.lookAt(x, y));
        if (look !== before) text += look;
        before = look;
        text += active.getLine(y)?.getCell(x)?.getChars() || ' ';
      }
      return text;
    }).join('\n');
  }

  get modes() {
    const { modes, buffer } = this.#terminal;
    return {
      paste: modes.bracketedPasteMode,
      mouse: modes.mouseTrackingMode,
      alternate: buffer.active.type === 'alternate',
      raw: this.input.isRaw,
    };
  }

  /** What was copied last (OSC 52). */
  get clipboard(): string {
    return this.#clipboard;
  }

  /** Until more has been drawn. */
  async drawn(signal: AbortSignal): Promise<void> {
    await once(this.output, 'shown', { signal });
  }

  close(): void {
    this.#terminal.dispose();
  }
}
