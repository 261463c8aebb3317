import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import type { Snapshot } from '../../../../src/client/model/snapshot.ts';
import { Decoder, Encoder } from '../../../../src/client/recording/codec/codec.ts';
import { list, message, optional, required } from '../../../../src/client/recording/codec/message.ts';
import { internedTextList, number, text } from '../../../../src/client/recording/codec/values.ts';
import { FrameEncoder } from '../../../../src/client/recording/frame.ts';
import { Recorder } from '../../../../src/client/recording/recorder.ts';
import { Recording } from '../../../../src/client/recording/recording.ts';

const folder = mkdtempSync(join(tmpdir(), 'kflow-compat-'));
const path = join(folder, 'newer.kflow');
after(() => rmSync(folder, { recursive: true }));

test('frames of a kind that a newer minor version added are stepped over', async () => {
  const recorder = new Recorder();
  const snapshots = [0, 1, 2].map((at): Snapshot => ({ at, origin: 'x', agents: [], connections: [], notices: [] }));
  const pieces: Buffer[] = [];
  for (const [i, snapshot] of snapshots.entries())
    pieces.push(new FrameEncoder().pack(99, i, Buffer.from('of the future')), recorder.take(snapshot, i));
  writeFileSync(path, Buffer.concat([Buffer.from('kflow recording 1.7\n'), ...pieces, recorder.end(3)]));
  const recording = await Recording.open(path);
  const found: Snapshot[] = [];
  for await (const moment of recording.snapshots()) found.push(moment.snapshot);
  await recording.close();
  assert.deepEqual(found, snapshots);
  assert.deepEqual([recording.ending.kind, recording.damage.size], ['ended', 0]);
});

interface Old {
  readonly name: string;
  readonly count?: number;
}

interface New extends Old {
  readonly note?: string;
  readonly size?: number;
  readonly words?: readonly string[];
  readonly parts?: readonly Old[];
}

const OLD = message<Old>({ name: required(1, text), count: optional(5, number) });
const NEW = message<New>({
  name: required(1, text),
  note: optional(2, text),
  size: optional(3, number),
  words: optional(4, internedTextList),
  count: optional(5, number),
  parts: optional(
    6,
    list(OLD, ({ name }) => name),
  ),
});

test('fields that a newer minor version added are stepped over, and texts keep their numbers', () => {
  const first: New = { name: 'a', note: 'b', size: 0.5, words: ['c', 'd'], count: 3, parts: [{ name: 'e', count: 1 }] };
  const second: New = { name: 'd', words: ['a'], count: 4, parts: [{ name: 'b' }] };
  const out = new Encoder();
  NEW.writeBody(out, undefined, first);
  NEW.writeBody(out, first, second);
  const numbered = { texts: [], shared: { objects: [], read: () => ({}) }, characters: 0 };
  const input = new Decoder(out.bytes.bytes, numbered);
  const old = OLD.readBody(input, undefined);
  assert.deepEqual(old, { name: 'a', count: 3 });
  assert.deepEqual(OLD.readBody(input, old), { name: 'd', count: 4 });
});

test('what an older version did not write is absent', () => {
  const out = new Encoder();
  OLD.writeBody(out, undefined, { name: 'a' });
  const input = new Decoder(out.bytes.bytes, { texts: [], shared: { objects: [], read: () => ({}) }, characters: 0 });
  assert.deepEqual(NEW.readBody(input, undefined), { name: 'a' });
});
