import type { TestContext } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { concat, NEVER, type Observable, of } from 'rxjs';
import type { Snapshot } from '../../../../../src/client/model/snapshot.ts';
import { type ConsoleOptions, runConsole } from '../../../../../src/client/tui/console.ts';
import { AT } from '../../../../terminal/fixed/snapshots.ts';
import { Emulator } from './emulator.ts';
import { bytesOf } from './keys.ts';

/** How long a redraw may take: far longer than it does, and far shorter than anybody would wait. */
const DRAWN_MS = 20_000;
/** By then this process has drawn what it was asked for, also in steps. */
const QUIET_MS = 15;

export interface HarnessOptions {
  /** One that is always the same, or those that come. */
  readonly snapshots: Snapshot | Observable<Snapshot>;
  readonly width?: number;
  readonly height?: number;
  /** Anything else that the console takes. */
  readonly options?: Partial<ConsoleOptions>;
}

/**
 * The real console inside the test process, on a terminal in memory, by a clock that stands still and without a heartbeat: what
 * is not drawn because of what happened is not drawn at all.
 */
export class ConsoleHarness extends Emulator {
  readonly ended: Promise<number>;
  /** How often the process was to be stopped (Ctrl-Z). */
  stops = 0;
  readonly #abort = new AbortController();

  constructor({ snapshots, width = 160, height = 50, options = {} }: HarnessOptions) {
    super(width, height);
    this.ended = runConsole({
      snapshots$: 'at' in snapshots ? concat(of(snapshots), NEVER) : snapshots,
      signal: this.#abort.signal,
      env: { TERM: 'xterm-256color' },
      terminal: this,
      now: () => AT,
      heartbeat: false,
      stopProcess: () => {
        this.stops++;
      },
      ...options,
    });
  }

  /** Keys by their names in the keymap ("j", "C-d", "pagedown", "g g"), as the bytes a terminal sends, in one read. */
  press(...names: string[]): void {
    this.send(names.map(bytesOf).join(''));
  }

  /** Bytes in one read. */
  send(bytes: string | Uint8Array): void {
    this.input.write(bytes);
  }

  /** As a terminal tells it that was asked to mark what is pasted. */
  paste(text: string): void {
    this.send(`\x1b[200~${text}\x1b[201~`);
  }

  /** A click of the left button; cells are counted from 0. */
  click(x: number, y: number): void {
    this.send(`\x1b[<0;${x + 1};${y + 1}M\x1b[<0;${x + 1};${y + 1}m`);
  }

  /** Waits until the screen has it, and gives that screen. */
  async shows(what: string | RegExp | ((screen: string) => boolean)): Promise<string> {
    const fits = (screen: string) =>
      typeof what === 'function' ? what(screen) : typeof what === 'string' ? screen.includes(what) : what.test(screen);
    const signal = AbortSignal.timeout(DRAWN_MS);
    for (;;) {
      const screen = this.screen();
      if (fits(screen)) return screen;
      try {
        await this.drawn(signal);
      } catch (cause) {
        throw new Error(`the screen does not show ${what}:\n${this.screen()}`, { cause });
      }
    }
  }

  hidden(what: string | RegExp): Promise<string> {
    return this.shows((screen) => (typeof what === 'string' ? !screen.includes(what) : !what.test(screen)));
  }

  /** Does something, and waits until the screen is another. */
  async changes(what: string, act: () => void): Promise<string> {
    // What was asked for before may not be drawn yet: its frame is not that of this act.
    const before = await this.#quiet();
    act();
    try {
      await this.shows(() => this.picture() !== before);
      // A frame may be of an order whose rows are still being worked out.
      await this.#quiet();
      return this.screen();
    } catch (cause) {
      throw new Error(`${what} is not drawn`, { cause });
    }
  }

  /** The picture once nothing more comes. */
  async #quiet(): Promise<string> {
    for (let before = this.picture(); ; ) {
      await delay(QUIET_MS);
      const now = this.picture();
      if (now === before) return now;
      before = now;
    }
  }

  async stop(): Promise<void> {
    this.#abort.abort();
    await this.ended;
    this.close();
  }
}

/** A console that has drawn what it was given, and is ended with the test. */
export async function openConsole(t: TestContext, options: HarnessOptions): Promise<ConsoleHarness> {
  const harness = new ConsoleHarness(options);
  t.after(() => harness.stop());
  // Keys act on what there is: a snapshot that is given is to be there first.
  const unready = 'at' in options.snapshots ? /connecting …| … ─/ : /^$/;
  await harness.shows((screen) => screen.trim() !== '' && !unready.test(screen));
  return harness;
}
