import type blessed from 'blessed';
import { writeExport } from '../files/write-file.ts';
import type { Playback } from '../recording/playback.ts';
import { selectedText } from './input/copied-text.ts';
import { type ExportFormat, expandHome } from './input/export-formats.ts';
import { controlPlayback } from './input/playback-control.ts';
import { chooseSuggestedAction, type SuggestedAction } from './input/suggested-actions.ts';
import type { Effect, Frame } from './input/transition.ts';
import type { Message, SuggestedActionId, ViewState } from './state.ts';
import type { Input } from './terminal/input.ts';
import { copyToClipboard } from './terminal/screen.ts';
import { suspendScreen } from './terminal/suspend.ts';

/** The console's interface for effects. */
export interface EffectHost {
  readonly screen: blessed.Widgets.Screen;
  readonly input: Input;
  readonly suggestedActions: readonly SuggestedAction[];
  readonly playback: Playback | undefined;
  readonly env: NodeJS.ProcessEnv;
  readonly signal: AbortSignal;
  readonly stopProcess: (() => void) | undefined;
  /** Ends the console with this exit status. */
  quit(status: number): void;
  /** Shows it in the footer. */
  say(message: Message): void;
  ask(question: NonNullable<ViewState['question']>): void;
  /** False: the shell uses the terminal, and nothing is drawn. */
  setDrawing(isOn: boolean): void;
}

/** Runs the effects of events: everything outside of the state. */
export class Effects {
  readonly #host: EffectHost;
  #resuming: NodeJS.Timeout | undefined;

  constructor(host: EffectHost) {
    this.#host = host;
  }

  stop(): void {
    clearTimeout(this.#resuming);
  }

  /** `state` and `frame`: after the event. */
  run(effect: Effect, state: ViewState, frame: Frame): void {
    switch (effect.kind) {
      case 'quit':
        this.#host.quit(0);
        break;
      case 'interrupt':
        this.#host.quit(130);
        break;
      case 'suspend':
        this.#suspend();
        break;
      case 'copy':
        this.#copy(state, frame);
        break;
      case 'export':
        this.#export(effect.format, effect.file, state, frame);
        break;
      case 'playback':
        if (this.#host.playback !== undefined) controlPlayback(this.#host.playback, effect.action);
        break;
      case 'suggested-action':
        this.#choose(effect.id, frame);
        break;
      case 'confirmed-action':
        this.#runAction(this.#host.suggestedActions.find(({ id }) => id === effect.id));
    }
  }

  #say(text: string, kind: Message['kind'] = 'info'): void {
    this.#host.say({ text, kind });
  }

  #suspend(): void {
    const { screen, input, stopProcess } = this.#host;
    this.#host.setDrawing(false);
    this.#resuming = suspendScreen(screen, input, () => this.#host.setDrawing(true), stopProcess);
  }

  #copy(state: ViewState, { viewModel, graph }: Frame): void {
    const text = selectedText(state, viewModel, graph.graph);
    if (text !== undefined) copyToClipboard(this.#host.screen, text);
    if (text === undefined) this.#say('nothing to copy', 'error');
    else this.#say('copied, if the terminal allows it (OSC 52)');
  }

  #export(format: ExportFormat, file: string, state: ViewState, { viewModel }: Frame): void {
    const { env, signal } = this.#host;
    const name = expandHome(file, env.HOME);
    this.#say(`writing ${name} …`);
    writeExport(name, format.pieces(state, viewModel), signal)
      .then(() => this.#say(`written to ${name}`))
      .catch((error: unknown) => this.#say(`not written: ${error instanceof Error ? error.message : error}`, 'error'));
  }

  #choose(id: SuggestedActionId, { viewModel }: Frame): void {
    const { message, question, accepted } = chooseSuggestedAction(id, this.#host.suggestedActions, viewModel.snapshot);
    if (message !== undefined) this.#host.say(message);
    if (question?.question !== undefined) this.#host.ask({ action: id, text: question.question });
    this.#runAction(accepted);
  }

  #runAction(action: SuggestedAction | undefined): void {
    if (action === undefined) return;
    try {
      const text = action.run();
      if (action.endsConsole) this.#host.quit(0);
      else this.#say(text);
    } catch (error) {
      this.#say(error instanceof Error ? error.message : String(error), 'error');
    }
  }
}
