import { formatPercent } from '../../table/format.ts';
import { entriesOf, fillOf } from '../../table/table-fill.ts';
import { type Check, EVERYWHERE, failure, ok, warning } from '../check.ts';
import { answering } from '../facts.ts';
import { onNodes } from '../next.ts';

const HIGH = 0.8;
const FULL = 0.95;

export const tableFill: Check = {
  id: 'table-fill',
  help: 'how full the kernel’s table is: from 80% a warning, from 95% a failure',
  places: EVERYWHERE,
  find(facts) {
    const fills = answering(facts).flatMap((agent) => {
      const { node, namespace, about } = agent;
      const on = { node, ...(namespace === undefined ? {} : { namespace }) };
      const [entries, most, fill] = [entriesOf(agent), about?.maxEntries, fillOf(agent)];
      return entries === undefined || most === undefined || fill === undefined
        ? []
        : [{ on, node, entries, most, fill }];
    });
    const [fullest] = fills.toSorted((a, b) => b.fill - a.fill);
    if (fullest === undefined) return [];
    const high = fills.filter(({ fill }) => fill >= HIGH);
    if (high.length === 0) return [ok(`at most ${formatPercent(fullest.fill)} of ${fullest.most} (${fullest.node})`)];
    return high.map(({ on, node, entries, most, fill }) => {
      const words = `${node}: ${formatPercent(fill)} of ${most} entries (${entries}); when it is full, new connections fail`;
      const next = onNodes(facts, [on], ['sysctl', '-w', `net.netfilter.nf_conntrack_max=${most * 2}`], 'busybox');
      return (fill >= FULL ? failure : warning)(words, next);
    });
  },
};
