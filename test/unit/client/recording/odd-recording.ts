import { writeFileSync } from 'node:fs';
import { Encoder, VALUE_TYPE } from '../../../../src/client/recording/codec/codec.ts';
import { number, text } from '../../../../src/client/recording/codec/values.ts';
import { FIRST_LINE, FRAME_KIND, FrameEncoder } from '../../../../src/client/recording/frame.ts';

export const FIELDS = { agents: 3, connections: 4, notices: 5, idleServices: 8 } as const;

/** The body of a snapshot, in which one field has a text, and so many times "the same again" in two bytes. */
export function repeating(field: number, said: string, times: number): Buffer {
  const out = new Encoder();
  number.write(out, 1, undefined, 1_000);
  text.write(out, 2, undefined, 'x');
  for (const list of [FIELDS.agents, FIELDS.connections]) {
    out.tag(list, VALUE_TYPE.message);
    out.end();
  }
  if (field !== FIELDS.notices) {
    out.tag(FIELDS.notices, VALUE_TYPE.message);
    out.end();
  }
  out.tag(field, VALUE_TYPE.message);
  out.text(1, said);
  const head = Buffer.from(out.bytes.bytes);
  const again = new Encoder();
  again.tag(1, VALUE_TYPE.varint);
  // The second text of the frame.
  again.bytes.varint(1);
  return Buffer.concat([head, Buffer.alloc(times * 2, again.bytes.bytes), Buffer.from([0, 0])]);
}

/** A recording of these keyframes, one a second. */
export function writeRecording(path: string, payloads: readonly Buffer[]): number {
  const packer = new FrameEncoder();
  const frames = payloads.map((payload, i) => packer.pack(FRAME_KIND.keyframe, i * 1_000, payload));
  const end = new FrameEncoder().pack(FRAME_KIND.end, payloads.length * 1_000, Buffer.alloc(0));
  const file = Buffer.concat([Buffer.from(FIRST_LINE), ...frames, end]);
  writeFileSync(path, file);
  return file.length;
}
