import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { each } from '../each.ts';
import { tableOf } from './screen.ts';
import { Stage, stageUnavailable } from './stage.ts';

describe('what is wrong, and what was', { skip: stageUnavailable() ?? false }, () => {
  let stage: Stage;
  before(async () => {
    stage = await Stage.open();
  });
  after(() => stage.close());

  it('a fault is in view 6, with its connections on Enter and back on Esc, and goes when it is mended', async () => {
    const terminal = await stage.console();
    const web = stage.lab.nodes[0]?.pods.find(({ name }) => name === 'web-1');
    assert(web !== undefined);
    terminal.keys('6');
    await terminal.shows('Problems');
    await web.namespace.nft(
      'table inet fault { chain input { type filter hook input priority 0; tcp dport 8080 drop; }; }',
    );
    const isThere = (screen: string) =>
      tableOf(screen, 'Problems').rows.some(
        (row) => row.PROBLEM?.startsWith('TCP SYN') && row.WHERE === '10.96.0.10:80',
      );
    const screen = await terminal.shows(isThere);
    const { rows } = tableOf(screen, 'Problems');
    // Worst first.
    const severities = rows.map((row) => ['✗ critical', '! warning', '· info'].indexOf(row.SEVERITY ?? ''));
    assert.deepEqual(severities, severities.toSorted());
    terminal.keys('g', 'g');
    const details = /problem +TCP SYN unanswered at (\S+) .*\n.*meaning .*\n.*next /;
    const [, chosen = ''] = details.exec(await terminal.shows(details)) ?? [];
    terminal.keys('Enter');
    const behind = await terminal.shows((later) => tableOf(later, 'Connections').rows.length > 0);
    assert(each(tableOf(behind, 'Connections').rows, (row) => row.STATE === 'SYN_SENT'));
    assert(behind.includes(`only ${chosen} `));
    terminal.keys('Escape');
    await terminal.shows(isThere);
    await web.namespace.nft('delete table inet fault');
    await terminal.shows((later) => !isThere(later));
    stage.clear();
  });

  it('the rate over time of the selected connection, node, workload and service', async () => {
    const terminal = await stage.console();
    const rate = /rate +[▁▂▃▄▅▆▇█ ]+ \d+s, most \d.*B\/s {3}2 s .*B\/s {3}10 s .*B\/s {3}40 s .*B\/s/;
    for (const [keys, title] of [
      [[], 'Connection ─'],
      [['3'], 'address '],
      [['4'], 'Service '],
      [['7'], 'Agent on node'],
      [['1'], 'Connection ─'],
      [['Tab', 'Tab'], 'Node node'],
    ] as const) {
      terminal.keys(...keys);
      const screen = await terminal.shows((later) => rate.test(later) && later.includes(title));
      assert.match(screen, rate);
    }
    stage.clear();
  });
});
