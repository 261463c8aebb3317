import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { graphSeries } from '../../../../src/client/graph/graph.ts';
import { buildGraph } from '../../../../src/client/graph/graph-builder.ts';
import type { Connection } from '../../../../src/client/model/connection.ts';
import { Player } from '../../../../src/client/recording/player.ts';
import { Recorder } from '../../../../src/client/recording/recorder.ts';
import { Recording } from '../../../../src/client/recording/recording.ts';
import { agentSeries, connectionSeries, rowSeries } from '../../../../src/client/traffic/rate-history.ts';
import { GraphPane } from '../../../../src/client/tui/graph-pane/graph-pane.ts';
import { initialState, type TableId, type ViewState } from '../../../../src/client/tui/state.ts';
import { Summaries } from '../../../../src/client/tui/view-model/summaries.ts';
import { selectedIndex } from '../../../../src/client/tui/view-model/table-cursor.ts';
import { ViewModelBuilder } from '../../../../src/client/tui/view-model/view-model-builder.ts';
import { FakeClock } from '../recording/fake-clock.ts';
import { agent, connection, hop, NOW, pod, snapshot, unanswered } from './fixtures.ts';

const EXAMPLE = fileURLToPath(new URL('../../../../examples/shop.kflow', import.meta.url));
const TABLES: readonly TableId[] = ['nodes', 'connections', 'workloads', 'services', 'problems', 'agents'];
const WANTED = { tables: TABLES, graph: true };
const STEP_MS = 10_000;

/** What a console makes of a recording, except for the terminal. */
class Replay {
  readonly clock = new FakeClock();
  readonly player: Player;
  readonly #deriver: ViewModelBuilder;
  readonly #state: ViewState;
  readonly #graph = new GraphPane();
  readonly #subscription: { unsubscribe(): void };

  constructor(recording: Recording, options: { fromMs?: number; speed?: number }, state: ViewState) {
    this.#state = state;
    this.#deriver = new ViewModelBuilder(state, this.#graph, new Summaries(), () => undefined);
    this.player = new Player(recording, { ...options, clock: this.clock });
    this.player.keep(this.#deriver);
    this.#subscription = this.player.snapshots$.subscribe((next) => this.#deriver.setSnapshot(next));
  }

  /** Until what there is now is what is shown. */
  async settle(): Promise<void> {
    for (let quiet = 0; quiet < 5; ) {
      await setImmediate();
      this.#deriver.request(this.#state, WANTED);
      const isSettled =
        this.clock.isAwaited &&
        !this.player.status().seeking &&
        this.#deriver.latest !== undefined &&
        this.#deriver.behindMs === 0;
      quiet = isSettled ? quiet + 1 : 0;
    }
  }

  async playTo(ms: number): Promise<void> {
    await this.settle();
    const { positionMs, speed } = this.player.status();
    await this.clock.pass((ms - positionMs) / speed, () => this.settle());
    if (this.player.status().state === 'playing') this.player.togglePause();
    await this.settle();
    assert.equal(this.player.status().positionMs, ms);
  }

  /** All that a user could see now. */
  look() {
    const { history } = this.#deriver;
    const viewModel = this.#deriver.request(this.#state, WANTED);
    const { at, connections, agents } = viewModel.snapshot;
    const { grouping, workloadGrouping } = this.#state;
    const graph = buildGraph(viewModel.filtered, viewModel.grouping, []);
    return {
      snapshot: viewModel.snapshot,
      now: this.player.now(),
      problems: viewModel.problems.map(({ matches: _, ...rest }) => rest),
      tables: TABLES.map((id) => {
        const table = viewModel.table(id);
        return Array.from({ length: table.size }, (_, row) =>
          table.columnsAndSort.map((_, column) => table.cell(row, column)),
        );
      }),
      selected: TABLES.map((id) => selectedIndex(this.#state, id, viewModel.table(id))),
      rates: [
        ...agents.map(({ key }) => agentSeries(key)),
        ...connections.map(({ id }) => connectionSeries(id)),
        ...(['workloads', 'services'] as const).flatMap((id) => {
          const table = viewModel.table(id);
          return Array.from({ length: table.size }, (_, row) =>
            rowSeries(id, table.keyAt(row) ?? '', workloadGrouping),
          );
        }),
        ...[...graph.boxes.keys(), ...graph.edges.keys()].map((key) => graphSeries(grouping, key)),
      ].map((key) => [key, history.rates(key, at)]),
    };
  }

  close(): void {
    this.#subscription.unsubscribe();
    this.#deriver.stop();
  }
}

async function opened<T>(
  recording: Recording,
  options: { fromMs?: number; speed?: number },
  state: ViewState,
  use: (replay: Replay) => Promise<T>,
): Promise<T> {
  const replay = new Replay(recording, options, state);
  try {
    return await use(replay);
  } finally {
    replay.close();
  }
}

function played(recording: Recording, ms: number, state: ViewState, speed = 1) {
  return opened(recording, { speed }, state, async (replay) => {
    await replay.playTo(ms);
    return replay.look();
  });
}

/** Begins there, paused at once, and goes so many steps forth and back. */
function sought(recording: Recording, fromMs: number, steps: readonly number[], state: ViewState) {
  return opened(recording, { fromMs }, state, async (replay) => {
    replay.player.togglePause();
    for (const step of steps) replay.player.seek(step);
    await replay.settle();
    return replay.look();
  });
}

interface Second {
  readonly syns: number;
  readonly rate: number;
  readonly lost: boolean;
  readonly idle: boolean;
  readonly halfClosed: number;
  readonly drops: number;
}

const second: fc.Arbitrary<Second> = fc.record({
  syns: fc.nat(2),
  rate: fc.nat(5000),
  lost: fc.boolean(),
  idle: fc.boolean(),
  halfClosed: fc.nat(14),
  drops: fc.nat(2),
});

const POLL = { entries: 10, unparsedLines: 0, durationSeconds: 0.01, intervalSeconds: 1, skipped: false };
const ABOUT = {
  node: 'node1',
  version: '1',
  source: 'procfs',
  path: '/proc/net/nf_conntrack',
  accounting: 'on',
  timestamping: 'off',
} as const;

/** A recording of what happened in each of these seconds, with keyframes every now and then. */
function recorded(seconds: readonly Second[]): Buffer {
  const recorder = new Recorder({ bytesPerKeyframe: 1, minBetweenKeyframes: 2000 });
  const pieces = [recorder.begin({ writer: 'test', startedAt: NOW })];
  const [cart, web] = [pod('cart', 'node1'), pod('web', 'node2')];
  const ends = { source: cart, destination: web, hops: [hop('node1')] };
  const base = connection({ ...ends, id: 1 });
  let id = 100;
  let drop = 0;
  const syns: Connection[] = [];
  for (const [i, one] of seconds.entries()) {
    const at = NOW + i * 1000;
    drop += one.drops;
    for (let n = 0; n < one.syns; n++) {
      const { unanswered: _, ...raw } = unanswered({ ...ends, firstSeenAt: at });
      syns.push({ ...raw, id: ++id, expiresAt: Math.floor(at / 1000) + 120 });
    }
    const halfClosed = Array.from({ length: one.halfClosed }, (_, n) => ({ ...base, id: 10 + n, state: 8 }));
    const info = { ...ABOUT, counters: { drop, insertFailed: 0, earlyDrop: 0 } };
    const poll = { ...POLL, observedAt: at };
    const lost = { kind: 'lost', reason: 'killed', retryAt: at } as const;
    const agents = [
      agent('node1', { info, poll, lastSeenAt: at }),
      agent('node2', one.lost ? { status: lost } : { poll }),
    ];
    const connections = [{ ...base, sentRate: one.rate }, ...halfClosed, ...syns];
    const idleServices = one.idle ? { idleServices: ['shop/web'] } : {};
    pieces.push(recorder.take(snapshot(connections, { at, agents, ...idleServices }), i * 1000));
  }
  pieces.push(recorder.end((seconds.length - 1) * 1000));
  return Buffer.concat(pieces);
}

test('a law: what is known after a seek is what is known after playing to there', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'kflow-seek-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'a.kflow');
  const seconds = fc.array(second, { minLength: 40, maxLength: 60 });
  const from = fc.nat(38_000);
  const steps = fc.array(fc.constantFrom(-2, -1, 1, 2), { maxLength: 4 });
  const state: ViewState = {
    ...initialState(),
    selections: { ...initialState().selections, connections: { key: 1, index: 0 } },
  };
  await fc.assert(
    fc.asyncProperty(seconds, from, steps, async (list, fromMs, way) => {
      writeFileSync(file, recorded(list));
      const recording = await Recording.open(file);
      try {
        const { lengthMs } = recording;
        let ms = fromMs;
        for (const step of way) ms = Math.max(0, Math.min(lengthMs, ms + step * STEP_MS));
        assert.deepEqual(await sought(recording, fromMs, way, state), await played(recording, ms, state));
      } finally {
        await recording.close();
      }
    }),
    { numRuns: 15 },
  );
});

test('a law: the same of the example, from any place, at any speed', async () => {
  const recording = await Recording.open(EXAMPLE);
  const state = initialState();
  await fc.assert(
    fc.asyncProperty(fc.nat(recording.lengthMs), fc.constantFrom(8, 64), async (ms, speed) => {
      const jumped = await sought(recording, ms, [], state);
      assert.deepEqual(jumped, await played(recording, ms, state, speed));
    }),
    { numRuns: 3 },
  );
  await recording.close();
});

test('the example at 1m20s: the SYNs that wait are a problem, with the minute before in the charts', async () => {
  const recording = await Recording.open(EXAMPLE);
  const { problems, rates } = await sought(recording, 80_000, [], initialState());
  assert.ok(
    problems.some(
      ({ title, subject, count }) => title === 'TCP SYN unanswered' && /payments/.test(subject) && count >= 8,
    ),
  );
  const longest = Math.max(...rates.map(([, samples]) => samples?.length ?? 0));
  assert.ok(longest >= 75, `${longest} seconds`);
  await recording.close();
});
