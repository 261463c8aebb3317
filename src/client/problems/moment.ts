import type { Snapshot } from '../model.ts';
import type { Clock, Moment } from './problem.ts';

export function momentOf(snapshot: Snapshot): Moment {
  const live = snapshot.agents.filter(({ status }) => status.kind === 'live');
  const clocks = new Map(
    live.map(({ key, poll }): [string, Clock] => [key, { agent: key, at: poll?.observedAt ?? snapshot.at }]),
  );
  return {
    snapshot,
    live,
    clock({ stale, hops }) {
      if (stale) return undefined;
      for (const hop of hops) {
        const clock = clocks.get(hop.agent);
        if (clock !== undefined) return clock;
      }
      return undefined;
    },
  };
}
