import type blessed from 'blessed';
import type { Observable } from 'rxjs';
import type { Snapshot } from '../model/snapshot.ts';
import type { AdaptCommand } from '../problems/next-step.ts';
import type { Playback } from '../recording/playback.ts';
import { buildFrame, type ScreenFrame } from './build-frame.ts';
import { type ConsoleStatus, StatusMeter } from './console-status.ts';
import { Effects } from './effects.ts';
import { GraphPane } from './graph-pane/graph-pane.ts';
import { withLayers } from './input/back-stack.ts';
import { KeyReader } from './input/key-reader.ts';
import type { SuggestedAction } from './input/suggested-actions.ts';
import type { ConsoleEvent, KeyPress } from './input/transition.ts';
import { update } from './input/update.ts';
import { render } from './render.ts';
import { initialState, type ViewState } from './state.ts';
import { Input } from './terminal/input.ts';
import type { InputEvent } from './terminal/input-events.ts';
import { closeScreen, openScreen, type TerminalStreams } from './terminal/screen.ts';
import { Widgets } from './terminal/widgets.ts';
import { type ColorDepth, colorDepth } from './text/style.ts';
import { neededData } from './view-model/layout.ts';
import { Summaries } from './view-model/summaries.ts';
import type { ViewModel } from './view-model/view-model.ts';
import { ViewModelBuilder } from './view-model/view-model-builder.ts';

export interface ConsoleOptions {
  readonly snapshots$: Observable<Snapshot>;
  /** Of a recording. */
  readonly playback?: Playback;
  /** Switches reverse DNS. Absent: it is not available. */
  readonly resolve?: { readonly initial: boolean; readonly set: (on: boolean) => void };
  /** The filter at the start. */
  readonly filter?: string;
  /** Adapts shown commands for the user's shell. */
  readonly adaptCommand?: AdaptCommand;
  /** Actions that are suggested while there is nothing to show. */
  readonly suggestedActions?: readonly SuggestedAction[];
  /** Aborted: restore the terminal and return. */
  readonly signal: AbortSignal;
  readonly env: NodeJS.ProcessEnv;
  /** Default: the process's own. */
  readonly terminal?: TerminalStreams;
  /** Unix time in milliseconds. Default: the machine's clock. */
  readonly now?: () => number;
  /** False: the screen is only drawn after an event. For tests. */
  readonly heartbeat?: false;
  /** Default: stops the process group, as Ctrl-Z of a terminal would. */
  readonly stopProcess?: () => void;
  /** Called once a second, for programs that measure. */
  readonly status?: (status: ConsoleStatus) => void;
}

/** The age in the header must be updated even without a new snapshot. */
const HEARTBEAT_MS = 500;
const STATUS_INTERVAL_MS = 1000;

/** The full-screen console. Resolves with the exit status when the operator quits, or when it is aborted. */
export function runConsole(options: ConsoleOptions): Promise<number> {
  return new Promise((resolve) => {
    const app = new Console(options, resolve);
    app.start();
  });
}

class Console {
  readonly #options: ConsoleOptions;
  readonly #leave: (status: number) => void;
  readonly #screen: blessed.Widgets.Screen;
  readonly #widgets: Widgets;
  readonly #input: Input;
  readonly #effects: Effects;
  readonly #keys = new KeyReader();
  readonly #graphPane = new GraphPane();
  readonly #summaries = new Summaries();
  readonly #meter = new StatusMeter();
  readonly #depth: ColorDepth;
  readonly #parent = process.ppid;
  readonly #builder: ViewModelBuilder;
  #state: ViewState;
  /** The last built frame. */
  #frame: ScreenFrame | undefined;
  /** False: the shell uses the terminal. */
  #isDrawing = true;
  #drawing: NodeJS.Immediate | undefined;
  #heartbeat: NodeJS.Timeout | undefined;
  #end: (() => void)[] = [];

  constructor(options: ConsoleOptions, leave: (status: number) => void) {
    this.#options = options;
    this.#leave = leave;
    this.#state = startState(options);
    this.#builder = new ViewModelBuilder(
      this.#state,
      this.#graphPane,
      this.#summaries,
      () => this.#draw(),
      options.adaptCommand,
    );
    this.#depth = colorDepth(options.env);
    this.#screen = openScreen(options.terminal);
    this.#input = new Input(options.terminal?.input ?? process.stdin, (event) => this.#take(event));
    this.#widgets = new Widgets(this.#screen, this.#depth);
    this.#effects = new Effects({
      screen: this.#screen,
      input: this.#input,
      suggestedActions: options.suggestedActions ?? [],
      playback: options.playback,
      env: options.env,
      signal: options.signal,
      stopProcess: options.stopProcess,
      quit: (status) => this.#quit(status),
      say: (message) => this.#set({ ...this.#state, message }),
      ask: (question) => this.#set({ ...this.#state, question }),
      setDrawing: (isOn) => {
        this.#isDrawing = isOn;
        this.#draw();
      },
    });
  }

  start(): void {
    const { snapshots$, playback, signal } = this.#options;
    playback?.keep(this.#builder);
    const stop = () => this.#quit(1);
    signal.addEventListener('abort', stop, { once: true });
    const subscription = snapshots$.subscribe((snapshot) => {
      this.#builder.setSnapshot(snapshot);
      this.#draw();
    });
    this.#end.push(
      () => subscription.unsubscribe(),
      () => signal.removeEventListener('abort', stop),
    );
    this.#input.open();
    this.#screen.on('resize', () => this.#draw());
    if (this.#options.heartbeat !== false) this.#heartbeat = setInterval(() => this.#tick(), HEARTBEAT_MS);
    this.#reportStatus();
    this.#paint();
    if (signal.aborted) stop();
  }

  #tick(): void {
    // If the parent process is gone, another shell uses the terminal.
    if (process.ppid === this.#parent) this.#draw();
    else this.#quit(1);
  }

  #reportStatus(): void {
    const { status, playback } = this.#options;
    if (status === undefined) return;
    const timer = setInterval(() => {
      const { latest, shown, behindMs } = this.#builder;
      status(this.#meter.read({ now: this.#now(), latest, shown, behindMs, playback: playback?.status() }));
    }, STATUS_INTERVAL_MS);
    this.#end.push(() => clearInterval(timer));
  }

  /** By the clock of the session. */
  #now(): number {
    const { playback, now } = this.#options;
    return playback?.now() ?? now?.() ?? Date.now();
  }

  #quit(status: number): void {
    for (const end of this.#end.splice(0)) end();
    clearInterval(this.#heartbeat);
    clearImmediate(this.#drawing);
    this.#effects.stop();
    this.#builder.stop();
    this.#input.close();
    closeScreen(this.#screen);
    this.#leave(status);
  }

  /** event → update → state, effect → draw. */
  #take(input: InputEvent): void {
    const event = this.#eventOf(input);
    if (event !== undefined) {
      // The event may change the view model that the frame needs.
      const frame = this.#current();
      const { state, effect } = update(this.#state, event, frame);
      this.#set(state);
      if (effect !== undefined) this.#effects.run(effect, this.#state, this.#current());
    }
    this.#draw();
  }

  /** Undefined: no event yet, for example the first key of a sequence. */
  #eventOf(input: InputEvent): ConsoleEvent | undefined {
    if (input.kind === 'paste') return { kind: 'paste', text: input.text };
    if (input.kind === 'mouse') return { kind: 'mouse', event: input };
    if (input.kind === 'key') return this.#keyEvent({ name: input.name, text: '' });
    // A terminal's reply to a query is not a key.
    if (input.kind === 'reply') return undefined;
    return this.#keyEvent({ name: input.text === ' ' ? 'space' : input.text, text: input.text });
  }

  #keyEvent(key: KeyPress): ConsoleEvent | undefined {
    if (this.#state.question !== undefined && key.name !== 'C-c') return { kind: 'answer', isYes: key.name === 'y' };
    if (this.#state.prompt !== undefined) return { kind: 'prompt-key', key };
    const read = this.#keys.read(key.name);
    if (read.kind === 'action') return { kind: 'action', action: read.action };
    return read.kind === 'unbound' ? { kind: 'unbound', keys: read.keys } : undefined;
  }

  #set(state: ViewState): void {
    const { resolve } = state;
    if (resolve !== undefined && resolve !== this.#state.resolve) this.#options.resolve?.set(resolve);
    this.#state = state;
    this.#draw();
  }

  /** Builds the frame of the current state. */
  #current(): ScreenFrame {
    const [width, height] = this.#size();
    const viewModel = this.#builder.request(this.#state, neededData(this.#state, width, height));
    const frame = this.#frame;
    const isCurrent =
      frame?.state === this.#state && frame.viewModel === viewModel && frame.width === width && frame.height === height;
    return isCurrent ? frame : this.#build(viewModel);
  }

  #build(viewModel: ViewModel): ScreenFrame {
    const [width, height] = this.#size();
    const frame = buildFrame({
      state: this.#state,
      viewModel,
      isWaiting: this.#builder.isWaiting,
      width,
      height,
      now: this.#now(),
      playback: this.#options.playback?.status(),
      suggestedActions: this.#options.suggestedActions ?? [],
      pendingKeys: this.#keys.pending,
      history: this.#builder.history,
      summaries: this.#summaries,
      graphPane: this.#graphPane,
      depth: this.#depth,
      adaptCommand: this.#options.adaptCommand,
    });
    // The next key starts from the resolved state of this frame.
    this.#state = frame.state;
    this.#frame = frame;
    return frame;
  }

  #size(): [width: number, height: number] {
    return [Number(this.#screen.width), Number(this.#screen.height)];
  }

  /** Draws soon, once for all events until then. */
  #draw(): void {
    this.#drawing ??= setImmediate(() => {
      this.#drawing = undefined;
      this.#paint();
    });
  }

  #paint(): void {
    if (!this.#isDrawing) return;
    this.#meter.behind(this.#builder.behindMs);
    const [width, height] = this.#size();
    const viewModel = this.#builder.request(this.#state, neededData(this.#state, width, height));
    const began = performance.now();
    const frame = this.#build(viewModel);
    this.#builder.setVisible(frame);
    render(frame, this.#widgets);
    this.#screen.render();
    const tookMs = performance.now() - began;
    this.#meter.drawn(tookMs);
    this.#builder.reportRenderTime(tookMs);
  }
}

function startState({ resolve, filter }: ConsoleOptions): ViewState {
  const state = { ...initialState(), ...(resolve === undefined ? {} : { resolve: resolve.initial }) };
  return filter === undefined ? state : withLayers({ ...state, filter });
}
