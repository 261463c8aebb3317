/** A recording may be small and stand for much: a frame has limits, and what kflow writes stays far below them. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import type { Connection } from '../../src/client/model/connection.ts';
import { MAX_FRAME_BYTES, MAX_FRAME_ELEMENTS } from '../../src/client/model/limits.ts';
import { SnapshotDecoder } from '../../src/client/recording/codec/snapshot-codec.ts';
import { FRAME_KIND, FrameEncoder, parseFrameHeader } from '../../src/client/recording/frame.ts';
import { Recorder } from '../../src/client/recording/recorder.ts';
import { Recording } from '../../src/client/recording/recording.ts';
import { connection, snapshot } from '../unit/client/cli/commands/fixtures.ts';
import { FIELDS, repeating, writeRecording } from '../unit/client/recording/odd-recording.ts';

const folder = mkdtempSync(join(tmpdir(), 'kflow-odd-'));
after(() => rmSync(folder, { recursive: true }));

async function momentsOf(name: string, payloads: readonly Buffer[]) {
  const path = join(folder, name);
  const bytes = writeRecording(path, payloads);
  const recording = await Recording.open(path);
  let moments = 0;
  for await (const { snapshot: one } of recording.snapshots()) moments += one.notices.length >= 0 ? 1 : 0;
  const damaged = recording.damage.size;
  await recording.close();
  return { moments, damaged, bytes };
}

test('a frame of more elements than 16 million is damaged, however small it is', async () => {
  const { moments, damaged, bytes } = await momentsOf('elements', [
    repeating(FIELDS.idleServices, 'shop/a', MAX_FRAME_ELEMENTS),
    repeating(FIELDS.idleServices, 'shop/a', 10),
  ]);
  assert.deepEqual([moments, damaged], [1, 1]);
  assert.ok(bytes < 200_000, `${bytes} bytes`);
});

test('a frame that unpacks to more than 256 MiB is damaged', async () => {
  const { moments, damaged } = await momentsOf('bytes', [Buffer.alloc(MAX_FRAME_BYTES + 1), repeating(5, 'n', 1)]);
  assert.deepEqual([moments, damaged], [1, 1]);
});

test('a snapshot has a thousand notices at most', async () => {
  assert.deepEqual((await momentsOf('notices', [repeating(FIELDS.notices, 'n', 999)])).damaged, 0);
  assert.deepEqual((await momentsOf('more', [repeating(FIELDS.notices, 'n', 1_000)])).damaged, 1);
});

/** Cheaper than `deepEqual`. */
function isSame(read: readonly Connection[], written: readonly Connection[]): boolean {
  return (
    read.length === written.length &&
    read.every((one, i) => {
      const other = written[i];
      return one.id === other?.id && one.source.address === other.source.address && one.sourcePort === other.sourcePort;
    })
  );
}

test('what is new at once is written in frames of a quarter of the limits, and reads back', () => {
  const template = connection({});
  const many = Array.from({ length: 33_000 }, (_, i) => ({
    ...template,
    id: i + 1,
    source: { address: `10.${i >> 16}.${(i >> 8) & 255}.${i & 255}` },
    sourcePort: 1024 + (i % 60_000),
  }));
  const recorder = new Recorder();
  const packer = new FrameEncoder();
  const reader = new SnapshotDecoder();
  recorder.take(snapshot({ connections: many.slice(0, 10) }), 0);
  const changed = [...many.slice(16_500), ...many.slice(0, 16_500)];
  let shown = 0;
  let last: readonly Connection[] = [];
  const take = (bytes: Buffer) => {
    for (let at = 0; at < bytes.length; ) {
      const head = parseFrameHeader(bytes.subarray(at)) ?? assert.fail('no head');
      const payload = packer.unpack(head, bytes.subarray(at + 16, at + 16 + head.bytes));
      at += 16 + head.bytes;
      assert.ok(payload.length < MAX_FRAME_BYTES / 4, `${payload.length} bytes`);
      if (head.kind === FRAME_KIND.difference || head.kind === FRAME_KIND.differencePart) {
        const reported = reader.difference(payload);
        if (head.kind === FRAME_KIND.difference) {
          shown++;
          last = reported.connections;
        }
      } else if (head.kind === FRAME_KIND.keyframe || head.kind === FRAME_KIND.keyframeBegins)
        reader.beginKeyframe(payload);
      else reader.continueKeyframe(payload);
      if (head.kind === FRAME_KIND.keyframe || head.kind === FRAME_KIND.keyframeEnds) reader.endKeyframe();
    }
  };
  const fresh = new Recorder();
  take(fresh.take(snapshot({ connections: many.slice(0, 10) }), 0));
  take(fresh.take(snapshot({ connections: many }), 1));
  assert.ok(isSame(last, many));
  take(fresh.take(snapshot({ connections: changed }), 2));
  assert.ok(isSame(last, changed));
  take(fresh.take(snapshot({ connections: many.slice(0, 3) }), 3));
  assert.deepEqual([shown, last], [3, many.slice(0, 3)]);
});
