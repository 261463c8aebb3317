import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import fc from 'fast-check';
import { from } from 'rxjs';
import { followFlows } from '../../../../src/client/cli/commands/flows-follow.ts';
import { buildFlowsQuery } from '../../../../src/client/cli/commands/flows-query.ts';
import type { FlowsFormat } from '../../../../src/client/cli/options/flows-options.ts';
import type { CommandIo } from '../../../../src/client/cli/shared/command-io.ts';
import type { Snapshot } from '../../../../src/client/model/snapshot.ts';
import { Recorder } from '../../../../src/client/recording/recorder.ts';
import { recordingSession } from '../../../../src/client/session/recording-session.ts';
import type { Session } from '../../../../src/client/session/session.ts';
import { sessions } from '../recording/arbitraries.ts';

const folder = mkdtempSync(join(tmpdir(), 'kflow-replay-'));
const path = join(folder, 'session.kflow');
after(() => rmSync(folder, { recursive: true }));

async function follow(
  output: FlowsFormat,
  open: (io: CommandIo) => Promise<Session>,
): Promise<{ stdout: string; stderr: string }> {
  const printed = { stdout: '', stderr: '' };
  const io: CommandIo = {
    stdout: (text) => {
      printed.stdout += text;
    },
    stderr: (text) => {
      printed.stderr += text;
    },
    flushed: () => Promise.resolve(),
    signal: new AbortController().signal,
    env: {},
    program: 'kflow',
    isTerminal: false,
  };
  const source = await open(io);
  await followFlows(buildFlowsQuery({}, { output, follow: true }, []), source, io);
  await source.close();
  return printed;
}

/** Each when what came of the one before has been printed. */
async function* live(snapshots: readonly Snapshot[], recorded: (snapshot: Snapshot, at: number) => void) {
  for (const [at, snapshot] of snapshots.entries()) {
    recorded(snapshot, at);
    yield snapshot;
    await setImmediate();
  }
}

/** What a session live has, beside its snapshots. */
const NO_MORE = { timeoutMs: 0, first$: undefined, resolve: undefined };

test('what `flows -f` prints of a session, it prints of its recording: record by record, in every format', async () => {
  await fc.assert(
    fc.asyncProperty(
      sessions.filter(({ length }) => length > 0),
      fc.constantFrom<FlowsFormat>('json', 'csv', 'table', 'wide'),
      async (snapshots, format) => {
        const recorder = new Recorder();
        const pieces = [recorder.begin({ writer: 'test', startedAt: 0 })];
        const snapshots$ = from(live(snapshots, (snapshot, at) => pieces.push(recorder.take(snapshot, at))));
        const first = await follow(format, async () => ({ ...NO_MORE, snapshots$, close: async () => {} }));
        writeFileSync(path, Buffer.concat([...pieces, recorder.end(snapshots.length)]));
        const again = await follow(format, (io) => recordingSession(path, undefined, io));
        assert.deepEqual(again, first);
      },
    ),
  );
});

test('from a moment on: first what there was, then what changed', async () => {
  const recorder = new Recorder();
  const snapshots = [0, 1, 2].map(
    (at): Snapshot => ({ at, origin: 'test', agents: [], connections: [], notices: [`notice ${at}`] }),
  );
  const frames = snapshots.map((snapshot, i) => recorder.take(snapshot, i * 1000));
  writeFileSync(path, Buffer.concat([recorder.begin({ writer: 'test', startedAt: 0 }), ...frames, recorder.end(2500)]));
  const printed = await follow('json', (io) => recordingSession(path, 1500, io));
  assert.equal(printed.stderr, 'kflow: notice 1\nkflow: notice 2\n');
});

test('a moment after the end is the end, and that is said', async () => {
  const late = await follow('json', (io) => recordingSession(join('examples', 'shop.kflow'), 3_600_000, io));
  assert.match(late.stderr, /--at is behind the end of the recording, which is 2:\d\d long/);
});
