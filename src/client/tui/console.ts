import type blessed from 'blessed';
import type { Observable } from 'rxjs';
import { writeExport } from '../files/write-file.ts';
import type { Snapshot } from '../model/snapshot.ts';
import type { Playback } from '../recording/playback.ts';
import { type ConsoleStatus, StatusMeter } from './console-status.ts';
import { GraphPane } from './graph-pane/graph-pane.ts';
import { withLayers } from './input/back-stack.ts';
import type { ActionName } from './input/binding.ts';
import { selectedText } from './input/copied-text.ts';
import { type ExportFormat, expandHome } from './input/export-formats.ts';
import { KeyReader } from './input/key-reader.ts';
import { reportUnbound, withoutMessage } from './input/messages.ts';
import { handleClick } from './input/mouse-click.ts';
import { chooseOffer, type Offer } from './input/offers.ts';
import { paste } from './input/paste.ts';
import { controlPlayback } from './input/playback-control.ts';
import { handlePromptKey } from './input/prompt.ts';
import type { Effect, Frame, KeyPress } from './input/transition.ts';
import { applyAction } from './input/update.ts';
import { renderNotices } from './panes/notices.ts';
import { areSumsMissing, summingUp } from './panes/summary.ts';
import { render } from './render.ts';
import { initialState, type OfferId, type ViewState } from './state.ts';
import { Input } from './terminal/input.ts';
import type { InputEvent } from './terminal/input-events.ts';
import { closeScreen, copyToClipboard, openScreen, type TerminalStreams } from './terminal/screen.ts';
import { suspendScreen } from './terminal/suspend.ts';
import { Widgets } from './terminal/widgets.ts';
import { colorDepth } from './text/style.ts';
import { computeLayout, neededData } from './view-model/layout.ts';
import { ViewModelBuilder } from './view-model/view-model-builder.ts';

export interface ConsoleOptions {
  readonly snapshots$: Observable<Snapshot>;
  /** Of a recording. */
  readonly playback?: Playback;
  /** Switches reverse DNS. Absent: there is none here. */
  readonly resolve?: { readonly initial: boolean; readonly set: (on: boolean) => void };
  /** What is filtered by at the start, in words of the filter language. */
  readonly filter?: string;
  /** What is offered while there is nothing to show. */
  readonly offers?: readonly Offer[];
  /** Aborted: restore the terminal and return. */
  readonly signal: AbortSignal;
  readonly env: NodeJS.ProcessEnv;
  /** Default: the process's own. */
  readonly terminal?: TerminalStreams;
  /** Unix time in milliseconds. Default: the machine's clock. */
  readonly now?: () => number;
  /** False: nothing is drawn but because of what happened. For tests. */
  readonly beat?: false;
  /** Default: stops the process group, as Ctrl-Z of a terminal would. */
  readonly stopProcess?: () => void;
  /** Called once a second, for programs that measure. */
  readonly status?: (status: ConsoleStatus) => void;
}

/** The header's age continues though no snapshot comes. */
const HEARTBEAT_MS = 500;
const STATUS_INTERVAL_MS = 1000;

/** The full-screen console. Resolves with the exit status when the operator leaves, or when it is aborted. */
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
  readonly #keys = new KeyReader();
  readonly #graph = new GraphPane();
  #state: ViewState = initialState();
  readonly #deriver = new ViewModelBuilder(
    this.#state,
    this.#graph,
    () => this.#draw(),
    () => (areSumsMissing() ? summingUp() : undefined),
  );
  /** The terminal is the shell's: nothing is drawn. */
  #suspended = false;
  #drawing: NodeJS.Immediate | undefined;
  #beating: NodeJS.Timeout | undefined;
  readonly #meter = new StatusMeter();
  #resuming: NodeJS.Timeout | undefined;
  readonly #input: Input;
  readonly #parent = process.ppid;
  #end: (() => void)[] = [];

  constructor(options: ConsoleOptions, leave: (status: number) => void) {
    this.#options = options;
    this.#leave = leave;
    if (options.resolve !== undefined) this.#state = { ...this.#state, resolve: options.resolve.initial };
    if (options.filter !== undefined) this.#state = withLayers({ ...this.#state, filter: options.filter });
    this.#screen = openScreen(options.terminal);
    this.#input = new Input(options.terminal?.input ?? process.stdin, (event) => this.#event(event));
    this.#widgets = new Widgets(this.#screen, colorDepth(options.env));
  }

  start(): void {
    const { snapshots$, playback, signal } = this.#options;
    playback?.keep(this.#deriver);
    const stop = () => this.#quit(1);
    signal.addEventListener('abort', stop, { once: true });
    const subscription = snapshots$.subscribe((snapshot) => this.#take(snapshot));
    this.#end.push(
      () => subscription.unsubscribe(),
      () => signal.removeEventListener('abort', stop),
    );
    this.#input.open();
    this.#screen.on('resize', () => this.#draw());
    if (this.#options.beat !== false) this.#beating = setInterval(() => this.#beat(), HEARTBEAT_MS);
    this.#tellStatus();
    this.#paint();
    if (signal.aborted) stop();
  }

  #beat(): void {
    // Without what started it, the terminal belongs to somebody else: a shell that does not know of this console.
    if (process.ppid === this.#parent) this.#draw();
    else this.#quit(1);
  }

  #tellStatus(): void {
    const { status, playback } = this.#options;
    if (status === undefined) return;
    const telling = setInterval(() => {
      const { latest, shown, behindMs } = this.#deriver;
      status(this.#meter.read({ now: this.#now(), latest, shown, behindMs, playback: playback?.status() }));
    }, STATUS_INTERVAL_MS);
    this.#end.push(() => clearInterval(telling));
  }

  /** By the clock of what is shown. */
  #now(): number {
    const { playback, now } = this.#options;
    return playback?.now() ?? now?.() ?? Date.now();
  }

  #take(snapshot: Snapshot): void {
    this.#deriver.setSnapshot(snapshot);
    this.#draw();
  }

  #quit(status: number): void {
    for (const end of this.#end.splice(0)) end();
    clearInterval(this.#beating);
    clearTimeout(this.#resuming);
    clearImmediate(this.#drawing);
    this.#deriver.stop();
    this.#input.close();
    closeScreen(this.#screen);
    this.#leave(status);
  }

  #event(event: InputEvent): void {
    switch (event.kind) {
      case 'key':
        this.#key({ name: event.name, text: '' });
        break;
      case 'text':
        this.#key({ name: event.text === ' ' ? 'space' : event.text, text: event.text });
        break;
      case 'paste':
        this.#apply(paste(this.#state, event.text), undefined);
        break;
      case 'mouse':
        this.#apply(handleClick(this.#state, event, this.#scene()), undefined);
    }
  }

  #key(key: KeyPress): void {
    const { question, ...answered } = this.#state;
    if (question !== undefined && key.name !== 'C-c') {
      this.#state = answered;
      if (key.name === 'y') this.#accept(this.#options.offers?.find(({ id }) => id === question.offer));
      this.#draw();
      return;
    }
    if (this.#state.prompt !== undefined) {
      const { state, effect } = handlePromptKey(this.#state, key, this.#scene());
      this.#apply(state, effect);
      return;
    }
    const read = this.#keys.read(key.name);
    if (read.kind === 'action') this.#act(read.action);
    else if (read.kind === 'unbound' && !this.#state.help) this.#state = reportUnbound(this.#state, read.keys);
    this.#draw();
  }

  #act(action: ActionName): void {
    const { playback } = this.#options;
    if (playback !== undefined && !this.#state.help && controlPlayback(playback, action)) {
      this.#state = withoutMessage(this.#state);
      this.#draw();
      return;
    }
    const { state, effect } = applyAction(this.#state, action, this.#scene());
    this.#apply(state, effect);
  }

  #apply(state: ViewState, effect: Effect | undefined): void {
    const { resolve } = state;
    if (resolve !== undefined && resolve !== this.#state.resolve) this.#options.resolve?.set(resolve);
    this.#state = state;
    switch (effect?.kind) {
      case 'quit':
        this.#quit(0);
        return;
      case 'interrupt':
        this.#quit(130);
        return;
      case 'suspend':
        this.#suspend();
        break;
      case 'copy':
        this.#copy();
        break;
      case 'export':
        this.#export(effect.format, effect.file);
        break;
      case 'offer':
        this.#choose(effect.id);
    }
    this.#draw();
  }

  #suspend(): void {
    this.#suspended = true;
    const resumed = () => {
      this.#suspended = false;
      this.#draw();
    };
    this.#resuming = suspendScreen(this.#screen, this.#input, resumed, this.#options.stopProcess);
  }

  #say(text: string, kind: 'info' | 'error' = 'info'): void {
    this.#state = { ...this.#state, message: { text, kind } };
  }

  #choose(id: OfferId): void {
    const chosen = chooseOffer(id, this.#options.offers ?? [], this.#scene().viewModel.snapshot);
    if (chosen.message !== undefined) this.#state = { ...this.#state, message: chosen.message };
    if (chosen.question?.question !== undefined)
      this.#state = { ...this.#state, question: { offer: id, text: chosen.question.question } };
    this.#accept(chosen.accepted);
  }

  #accept(offer: Offer | undefined): void {
    if (offer === undefined) return;
    try {
      const text = offer.accept();
      if (offer.leaves) this.#quit(0);
      else this.#say(text);
    } catch (error) {
      this.#say(error instanceof Error ? error.message : String(error), 'error');
    }
  }

  #copy(): void {
    const { viewModel, graph } = this.#scene();
    const text = selectedText(this.#state, viewModel, graph.graph);
    if (text !== undefined) copyToClipboard(this.#screen, text);
    if (text === undefined) this.#say('nothing to copy', 'error');
    else this.#say('copied, if the terminal allows it (OSC 52)');
  }

  #export(format: ExportFormat, file: string): void {
    const name = expandHome(file, this.#options.env.HOME);
    this.#say(`writing ${name} …`);
    writeExport(name, format.pieces(this.#state, this.#scene().viewModel), this.#options.signal)
      .then(() => this.#say(`written to ${name}`))
      .catch((error: unknown) => this.#say(`not written: ${error instanceof Error ? error.message : error}`, 'error'))
      .finally(() => this.#draw());
  }

  #scene(): Frame {
    const [width, height] = [Number(this.#screen.width), Number(this.#screen.height)];
    const viewModel = this.#deriver.request(this.#state, neededData(this.#state, width, height));
    const notices = renderNotices(viewModel.snapshot, width, height).length;
    const rect = computeLayout(this.#state, width, height, notices);
    return { viewModel, panes: rect?.panes ?? [], graph: this.#graph.drawn };
  }

  /** Soon, and once for all that asks for it until then. */
  #draw(): void {
    this.#drawing ??= setImmediate(() => {
      this.#drawing = undefined;
      this.#paint();
    });
  }

  #paint(): void {
    if (this.#suspended) return;
    this.#meter.behind(this.#deriver.behindMs);
    const frame = this.#scene();
    const began = performance.now();
    const { viewModel } = frame;
    const painted = render({
      state: this.#state,
      viewModel,
      scene: frame,
      waiting: this.#deriver.isWaiting,
      width: Number(this.#screen.width),
      height: Number(this.#screen.height),
      now: this.#now(),
      playback: this.#options.playback?.status(),
      offers: this.#options.offers ?? [],
      pending: this.#keys.pending,
      widgets: this.#widgets,
      history: this.#deriver.history,
      graph: this.#graph,
      depth: colorDepth(this.#options.env),
    });
    this.#state = painted.state;
    this.#deriver.setVisible(painted.watched);
    this.#screen.render();
    const tookMs = performance.now() - began;
    this.#meter.drawn(tookMs);
    this.#deriver.reportRenderTime(tookMs);
  }
}
