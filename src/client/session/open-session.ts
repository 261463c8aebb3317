import { map, share } from 'rxjs';
import { openLink } from '../agents/agent-client.ts';
import { RowBudget } from '../agents/row-budget.ts';
import { rowsInMemory } from '../agents/row-memory.ts';
import { Turns } from '../agents/turn-queue.ts';
import { type WatchAgentOptions, watchAgent } from '../agents/watch-agent.ts';
import { HEAP_LOW, watchHeap } from '../async/heap-watch.ts';
import { withUnanswered } from '../problems/unanswered.ts';
import { openPlace } from './live-inputs.ts';
import { joinTables, session } from './live-session.ts';
import type { DataSource, SessionIo, SourceOptions } from './session.ts';

const REQUEST_TIMEOUT_MS = 10_000;

/** Throws a Failure when the options, a kubeconfig a recording or a setting in the environment are wrong. */
export async function openSource(options: SourceOptions, io: SessionIo): Promise<DataSource> {
  if (options.recording !== undefined) {
    const { recordingSource } = await import('./recording-session.ts');
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
