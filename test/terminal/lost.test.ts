import assert from 'node:assert/strict';
import { dirname } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { each } from '../each.ts';
import { LabAgent } from '../lab/agent.ts';
import { until } from '../lab/until.ts';
import { tableOf } from './screen.ts';
import { Stage, stageUnavailable } from './stage.ts';
import { DEADLINE_MS } from './tmux.ts';

describe('an agent that is lost', { skip: stageUnavailable() ?? false }, () => {
  let stage: Stage;
  before(async () => {
    stage = await Stage.open();
  });
  after(() => stage.close());

  it('is shown as lost, with its age; its rows go grey and stay; the others continue; it comes back by itself', async () => {
    // Two that last, which this node alone sees: one of them is selected, and has colours of its own.
    const [pod] = stage.lab.node(3).pods;
    assert(pod !== undefined);
    for (let i = 0; i < 2; i++) await pod.peer.stream(stage.lab.outside.address, 443, { up: 50_000, down: 0 });
    const terminal = await stage.console();
    const agent = stage.agents[2];
    assert(agent !== undefined);
    const dataOnly = 'from.ip:10.244.3.0/24 port:443';
    terminal.keys('/');
    terminal.type(dataOnly);
    terminal.keys('Enter');
    await terminal.shows((screen) => tableOf(screen, 'Connections').rows.length > 1);
    agent.process.kill('SIGKILL');
    await terminal.shows(/2\/3 agents/);
    const screen = await terminal.shows(/node3 +✗ lost \d+s/);
    assert(tableOf(screen, 'Connections').rows.length > 0, 'its rows stay');
    await terminal.shows((later) =>
      each(tableOf(later, 'Connections').rows, (row) => /^◐ \d+s /.test(row.SOURCE ?? '')),
    );
    // The selected row has its own colours: another one must tell.
    terminal.keys('c', '/', 'C-u');
    terminal.type('stale:yes');
    terminal.keys('Enter');
    await until('its rows are grey', DEADLINE_MS, () => {
      const { headingLine, rows } = tableOf(terminal.screen(), 'Connections');
      assert(rows.length > 1);
      const line = terminal.colours().split('\n')[headingLine + 2] ?? '';
      assert(line.includes('38;5;241'), JSON.stringify(line));
    });
    const age = (text: string) => Number(/node3 +✗ lost (\d+)s/.exec(text)?.[1]);
    await terminal.shows((later) => age(later) > age(screen));
    await terminal.shows(/[0-4]\.\d s ago/);
    const again = await LabAgent.start(stage.lab.nodes[2]?.namespace ?? assert.fail(), {
      folder: dirname(agent.address.slice('unix:'.length)),
    });
    try {
      await terminal.shows(/3\/3 agents/);
      await terminal.shows(
        (later) => /node3 +● live/.test(later) && !/^◐/.test(tableOf(later, 'Connections').rows[0]?.SOURCE ?? ''),
      );
    } finally {
      await again.stop();
    }
  });
});
