import { map, share } from 'rxjs';
import { connectAgent } from '../agents/agent-client.ts';
import { PeerScheduler } from '../agents/peer-scheduler.ts';
import { RowBudget } from '../agents/row-budget.ts';
import { totalRowLimit } from '../agents/total-row-limit.ts';
import { type WatchAgentOptions, watchAgent } from '../agents/watch-agent.ts';
import { HEAP_RELEASE_RATIO, watchHeap } from '../async/heap-watch.ts';
import { withUnanswered } from '../problems/unanswered-rule.ts';
import { openLiveInputs } from './live-inputs.ts';
import { correlateTables, liveSnapshots } from './live-session.ts';
import type { Session, SessionIo, SessionOptions } from './session.ts';

const REQUEST_TIMEOUT_MS = 10_000;

/** Throws a UserError if an option, the kubeconfig, the recording or an environment variable is invalid. */
export async function openSession(options: SessionOptions, io: SessionIo): Promise<Session> {
  if (options.recording !== undefined) {
    const { recordingSession } = await import('./recording-session.ts');
    return recordingSession(options.recording, options.at, io);
  }
  const { discovery, names, reverseDns, hints, close } = await openLiveInputs(options, io);
  const resolve = (on: boolean) => {
    reverseDns.on = on;
  };
  resolve(options.resolve === true);
  const budget = new RowBudget(totalRowLimit());
  const scheduler = new PeerScheduler();
  const open: WatchAgentOptions['open'] = (target, asked) => connectAgent(target, { scheduler, ...asked });
  const stopWatching = watchHeap(HEAP_RELEASE_RATIO, () => budget.dropLargest());
  return {
    snapshots$: liveSnapshots({
      discovery,
      names,
      hints,
      correlate: correlateTables(names),
      watch: (target) => watchAgent(target, { open, budget }),
    }).pipe(map(withUnanswered), share()),
    timeoutMs: options.requestTimeout ?? REQUEST_TIMEOUT_MS,
    first$: undefined,
    resolve,
    close: async () => {
      stopWatching();
      await close();
    },
  };
}
