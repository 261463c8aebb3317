import { spawnSync } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { isInstalled } from '../lab/requirements.ts';
import { until } from '../lab/until.ts';

export interface TmuxOptions {
  readonly width: number;
  readonly height: number;
  /** What runs in it: a program and its arguments. Default: a shell. */
  readonly command?: readonly string[];
  /** TERM of what runs in it. Default "xterm-256color". */
  readonly term?: string;
  readonly environment?: Readonly<Record<string, string>>;
  /** Where it runs. */
  readonly folder?: string;
}

/** How long a screen may take to come to what is waited for: far longer than it does, for machines that are busy. */
export const DEADLINE_MS = 20_000;
/** Between two pieces of a frame, and how many of them to wait for. */
const PIECE_MS = 15;
const MAX_PIECES = 10;

const SHELL = ['bash', '--norc', '--noprofile', '-i'];
const PROMPT = 'ready$ ';

export function tmuxUnavailable(): string | undefined {
  return isInstalled('tmux') ? undefined : 'needs tmux: not installed';
}

let started = 0;

/** A real terminal with one program in it, whose keys are typed and whose screen is read. */
export class Tmux {
  readonly #socket = `kflow-test-${process.pid}-${++started}`;

  constructor(options: TmuxOptions) {
    const { width, height, command = SHELL, term = 'xterm-256color', environment = {}, folder } = options;
    const variables = { PS1: PROMPT, LC_ALL: 'C.UTF-8', NO_COLOR: '', COLORTERM: '', ...environment };
    this.#run(
      ['-f', '/dev/null', 'start-server', ';'],
      ['set-option', '-g', 'default-terminal', term, ';'],
      ['set-option', '-g', 'remain-on-exit', 'on', ';'],
      ['set-option', '-g', 'set-clipboard', 'on', ';'],
      ['set-option', '-g', 'status', 'off', ';'],
      ['set-option', '-g', 'escape-time', '0', ';'],
      ['new-session', '-d', '-x', `${width}`, '-y', `${height}`],
      folder === undefined ? [] : ['-c', folder],
      Object.entries(variables).flatMap(([name, value]) => ['-e', `${name}=${value}`]),
      [...command],
    );
  }

  /** What is on the screen, a line a row, without the blanks at the ends of lines. */
  screen(): string {
    return this.#run(['capture-pane', '-p']);
  }

  lines(): string[] {
    return this.screen().split('\n');
  }

  /** The same with its SGR sequences. */
  colours(): string {
    return this.#run(['capture-pane', '-p', '-e']);
  }

  /** The parameters of its SGR sequences: "38;5;81", "7" … */
  looks(): string[] {
    return this.colours()
      .split('\x1b[')
      .flatMap((part) => /^([\d;:]*)m/.exec(part)?.[1] ?? []);
  }

  /** Keys by tmux's names: "j", "Enter", "C-d", "PageDown" … */
  keys(...names: string[]): void {
    this.#run(['send-keys'], names);
  }

  /** Text as it is typed, or any bytes. */
  type(text: string): void {
    this.#run(['send-keys', '-l', text]);
  }

  /** Text from the clipboard: marked as pasted, where the program has asked for that. */
  paste(text: string): void {
    this.#run(['set-buffer', '--', text]);
    this.#run(['paste-buffer', '-p', '-r']);
  }

  /** A click of the left button, as a terminal tells it; cells are counted from 0. */
  click(x: number, y: number): void {
    this.type(`\x1b[<0;${x + 1};${y + 1}M`);
    this.type(`\x1b[<0;${x + 1};${y + 1}m`);
  }

  resize(width: number, height: number): void {
    this.#run(['resize-window', '-x', `${width}`, '-y', `${height}`]);
  }

  /** Waits until the screen has it, and gives that screen. */
  async shows(what: string | RegExp | ((screen: string) => boolean), deadlineMs = DEADLINE_MS): Promise<string> {
    const fits = (screen: string) =>
      typeof what === 'function' ? what(screen) : typeof what === 'string' ? screen.includes(what) : what.test(screen);
    const first = await until(`the screen shows ${what}`, deadlineMs, () => {
      const screen = this.screen();
      let cause: unknown;
      try {
        if (fits(screen)) return screen;
      } catch (error) {
        cause = error;
      }
      throw new Error(`the screen:\n${screen}`, { cause });
    });
    return this.#whole(first, fits);
  }

  /** The screen once it is drawn to its end: a frame comes in pieces. Live data may change it again and again. */
  async #whole(first: string, fits: (screen: string) => boolean): Promise<string> {
    let last = first;
    for (let tries = 0; tries < MAX_PIECES; tries++) {
      await delay(PIECE_MS);
      const next = this.screen();
      if (next === last) break;
      try {
        if (fits(next)) last = next;
      } catch {
        // It has gone on to another screen.
      }
    }
    return last;
  }

  hidden(what: string | RegExp): Promise<string> {
    return this.shows((screen) => (typeof what === 'string' ? !screen.includes(what) : !what.test(screen)));
  }

  /** A format of tmux's: "#{alternate_on}", "#{pane_pid}" … */
  ask(format: string): string {
    return this.#run(['display-message', '-p', format]).trim();
  }

  /** Waits for the program to end; its exit status, or "signal N". */
  async ended(): Promise<string> {
    return until('the program has ended', DEADLINE_MS, () => {
      const [dead, status, signal] = this.ask('#{pane_dead} #{pane_dead_status} #{pane_dead_signal}').split(' ');
      // That it ended is known before how it did.
      if (dead !== '1' || !(status || signal)) throw new Error(`the screen:\n${this.screen()}`);
      return signal ? `signal ${signal}` : (status ?? '');
    });
  }

  /** What was copied last (OSC 52). */
  clipboard(): string {
    return this.#run(['show-buffer']);
  }

  close(): void {
    spawnSync('tmux', ['-L', this.#socket, 'kill-server']);
  }

  #run(...parts: (readonly string[])[]): string {
    const { status, stdout, stderr } = spawnSync('tmux', ['-L', this.#socket, ...parts.flat()], { encoding: 'utf8' });
    if (status !== 0) throw new Error(`tmux ${parts.flat().join(' ')}: ${stderr}`);
    return stdout;
  }
}
