import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import type { Snapshot } from '../../../../src/client/model/snapshot.ts';
import { CorruptDataError } from '../../../../src/client/recording/codec/bytes.ts';
import { SnapshotDecoder, SnapshotEncoder } from '../../../../src/client/recording/codec/snapshot-codec.ts';
import { Recorder } from '../../../../src/client/recording/recorder.ts';
import { InvalidRecordingError, type RecordedSnapshot, Recording } from '../../../../src/client/recording/recording.ts';
import { sessions } from './arbitraries.ts';

const folder = mkdtempSync(join(tmpdir(), 'kflow-record-'));
const path = join(folder, 'laws.kflow');
after(() => rmSync(folder, { recursive: true }));

const EVERY_MS = 250;

/** A keyframe after every frame, or only where they are due. */
function record(snapshots: readonly Snapshot[], often: boolean): Buffer {
  const recorder = new Recorder(often ? { minBetweenKeyframes: 0, bytesPerKeyframe: 0, maxInFrame: 2 } : {});
  const start = recorder.begin({ writer: 'test', startedAt: 0 });
  const frames = snapshots.map((snapshot, i) => recorder.take(snapshot, i * EVERY_MS));
  return Buffer.concat([start, ...frames, recorder.end(snapshots.length * EVERY_MS)]);
}

interface Replayed {
  readonly moments: RecordedSnapshot[];
  readonly ending: Recording['ending'];
  readonly damage: number;
}

async function replay(bytes: Buffer, fromMs = 0): Promise<Replayed> {
  writeFileSync(path, bytes);
  const recording = await Recording.open(path);
  const moments: RecordedSnapshot[] = [];
  for await (const moment of recording.snapshots(fromMs)) moments.push(moment);
  await recording.close();
  return { moments, ending: recording.ending, damage: recording.damage.size };
}

function snapshotsOf({ moments }: Replayed): Snapshot[] {
  return moments.map(({ snapshot }) => snapshot);
}

test('what was recorded is what is replayed: any snapshots, any keyframes', async () => {
  await fc.assert(
    fc.asyncProperty(sessions, fc.boolean(), async (snapshots, often) => {
      const replayed = await replay(record(snapshots, often));
      assert.deepStrictEqual(snapshotsOf(replayed), snapshots);
      assert.deepEqual(replayed.ending, { kind: 'ended' });
      assert.equal(replayed.damage, 0);
    }),
    { numRuns: 60 },
  );
});

test('what is the same object in one snapshot and the next, is so in the replay', async () => {
  await fc.assert(
    fc.asyncProperty(sessions, fc.boolean(), async (snapshots, often) => {
      const replayed = snapshotsOf(await replay(record(snapshots, often)));
      for (const [i, snapshot] of snapshots.entries()) {
        const before = snapshots[i - 1]?.connections ?? [];
        for (const [at, connection] of snapshot.connections.entries()) {
          const now = replayed[i]?.connections[at];
          const was = before.indexOf(connection);
          if (was >= 0) assert.ok(now === replayed[i - 1]?.connections[was]);
          else assert.ok(now !== undefined && !replayed[i - 1]?.connections.includes(now));
        }
      }
    }),
  );
});

test('from any moment: what there is from then on', async () => {
  await fc.assert(
    fc.asyncProperty(sessions, fc.boolean(), fc.nat(14), async (snapshots, often, from) => {
      const { moments } = await replay(record(snapshots, often), from * EVERY_MS);
      const later = moments.filter(({ elapsedMs }) => elapsedMs >= from * EVERY_MS);
      assert.deepStrictEqual(
        later.map(({ snapshot }) => snapshot),
        snapshots.slice(from),
      );
      // Where there are keyframes at every moment, no other needs to be read.
      if (often && from < snapshots.length) assert.equal(later.length, moments.length);
    }),
  );
});

test('cut off anywhere: the snapshots of all whole frames, and word of the rest', async () => {
  await fc.assert(
    fc.asyncProperty(sessions, fc.boolean(), fc.nat(), async (snapshots, often, random) => {
      const bytes = record(snapshots, often);
      const cut = random % bytes.length;
      try {
        const replayed = await replay(bytes.subarray(0, cut));
        const found = snapshotsOf(replayed);
        assert.deepStrictEqual(found, snapshots.slice(0, found.length));
        assert.equal(replayed.ending.kind, 'cut off');
      } catch (error) {
        assert.ok(error instanceof InvalidRecordingError && cut < 20);
        assert.match(error.message, /empty/);
      }
    }),
    { numRuns: 60 },
  );
});

test('with damaged bytes: no snapshot but those that were recorded, in their order', async () => {
  const flip = fc.record({ at: fc.nat(), bits: fc.integer({ min: 1, max: 255 }) });
  await fc.assert(
    fc.asyncProperty(
      sessions,
      fc.boolean(),
      fc.array(flip, { minLength: 1, maxLength: 4 }),
      async (snapshots, often, flips) => {
        const bytes = record(snapshots, often);
        for (const { at, bits } of flips) bytes[at % bytes.length] = (bytes[at % bytes.length] ?? 0) ^ bits;
        let found: Snapshot[];
        try {
          found = snapshotsOf(await replay(bytes));
        } catch (error) {
          assert.ok(error instanceof InvalidRecordingError);
          return;
        }
        let next = 0;
        for (const snapshot of found) {
          const at = snapshots.findIndex((one, i) => i >= next && isDeepStrictEqual(one, snapshot));
          assert.ok(at >= 0);
          next = at + 1;
        }
      },
    ),
    { numRuns: 80 },
  );
});

test('damage behind a right checksum throws Damaged, and nothing else', () => {
  const flip = fc.record({ at: fc.nat(), bits: fc.integer({ min: 1, max: 255 }) });
  fc.assert(
    fc.property(sessions, fc.array(flip, { minLength: 1, maxLength: 3 }), (snapshots, flips) => {
      const writer = new SnapshotEncoder();
      const payloads = snapshots.map((snapshot) => Buffer.from(writer.difference(snapshot)));
      const reader = new SnapshotDecoder();
      for (const [i, payload] of payloads.entries()) {
        for (const { at, bits } of flips)
          if (at % payloads.length === i) payload[at % payload.length] = (payload[at % payload.length] ?? 0) ^ bits;
        try {
          if (i > 0) reader.difference(payload);
          else {
            reader.beginKeyframe(payload);
            reader.endKeyframe();
          }
        } catch (error) {
          assert.ok(error instanceof CorruptDataError, String(error));
          return;
        }
      }
    }),
    { numRuns: 80 },
  );
});
