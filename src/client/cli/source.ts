import { map, type Observable, share } from 'rxjs';
import { HEAP_LOW, watchHeap } from '../async/heap-watch.ts';
import { joinTables } from '../join-tables.ts';
import type { Snapshot } from '../model.ts';
import { withUnanswered } from '../problems/unanswered.ts';
import { session } from '../session.ts';
import { openLink } from '../stream/grpc-link.ts';
import { RowBudget } from '../stream/row-budget.ts';
import { rowsInMemory } from '../stream/row-memory.ts';
import { Turns } from '../stream/turns.ts';
import { type WatchAgentOptions, watchAgent } from '../stream/watch-agent.ts';
import type { CommandIo } from './io.ts';
import { openPlace } from './place.ts';
import type { SourceOptions } from './source-options.ts';

const REQUEST_TIMEOUT_MS = 10_000;

/** Where a command's data comes from, opened. */
export interface DataSource {
  /** Begins when it is first subscribed, ends when it no longer is. Never errors. */
  readonly snapshots$: Observable<Snapshot>;
  /** How long to wait for agents, in milliseconds; 0: for ever. */
  readonly timeoutMs: number;
  /** Of a recording: what there was at the moment that was asked for. \`snapshots$\` is then all from there on, and ends. */
  readonly moment$: Observable<Snapshot> | undefined;
  /** Names outside addresses by reverse DNS, or no longer. Undefined: that cannot be done here. */
  readonly resolve: ((on: boolean) => void) | undefined;
  close(): Promise<void>;
}

/** Throws a Failure when the options, a kubeconfig a recording or a setting in the environment are wrong. */
export async function openSource(options: SourceOptions, io: CommandIo): Promise<DataSource> {
  if (options.recording !== undefined) {
    const { recordingSource } = await import('./recording-source.ts');
    return recordingSource(options.recording, options.at, io);
  }
  const { discovery, names, reverseDns, advise, close } = await openPlace(options, io.env);
  const resolve = (on: boolean) => {
    reverseDns.on = on;
  };
  resolve(options.resolve === true);
  const budget = new RowBudget(rowsInMemory());
  const turns = new Turns();
  const open: WatchAgentOptions['open'] = (target, asked) => openLink(target, { turns, ...asked });
  const stopWatching = watchHeap(HEAP_LOW, () => budget.letGo());
  return {
    snapshots$: session({
      discovery,
      names,
      advise,
      connect: joinTables(names),
      watch: (target) => watchAgent(target, { open, budget }),
    }).pipe(map(withUnanswered), share()),
    timeoutMs: options.requestTimeout ?? REQUEST_TIMEOUT_MS,
    moment$: undefined,
    resolve,
    close: async () => {
      stopWatching();
      await close();
    },
  };
}
