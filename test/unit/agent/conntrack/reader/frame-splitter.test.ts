import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type AnswerPart, FrameSplitter } from '../../../../../src/agent/conntrack/reader/frame-splitter.ts';
import {
  encodeFailure,
  encodeFrame,
  encodeReaderHeader,
  MAX_FRAME_BYTES,
  type ReaderSettings,
} from '../../../../../src/agent/conntrack/reader/protocol.ts';

const SETTINGS: ReaderSettings = {
  accounting: { state: 'on', isSetByReader: true },
  timestamping: { state: 'off', isSetByReader: false },
};
const FIRST = Buffer.from(Array.from({ length: 300 }, (_, i) => i & 255));
const SECOND = Buffer.from('second');
const ANSWER = Buffer.concat([
  encodeReaderHeader(SETTINGS),
  encodeFrame(FIRST),
  encodeFrame(SECOND),
  encodeFailure({ errno: 1, text: 'no capability' }),
]);

/** As text, because a frame holds only until the next chunk. */
function show(part: AnswerPart): unknown {
  return part.kind === 'frame' ? Buffer.from(part.bytes).toString('hex') : part;
}

function split(chunks: readonly Buffer[]): unknown[] {
  const splitter = new FrameSplitter();
  return chunks.flatMap((chunk) => Array.from(splitter.add(chunk), show));
}

test('an answer is the same however it is cut', () => {
  const whole = split([ANSWER]);
  assert.deepEqual(whole, [
    { kind: 'settings', settings: SETTINGS },
    FIRST.toString('hex'),
    SECOND.toString('hex'),
    { kind: 'failure', failure: { errno: 1, text: 'no capability' } },
  ]);
  for (let size = 1; size < ANSWER.length; size++) {
    const chunks = Array.from({ length: Math.ceil(ANSWER.length / size) }, (_, i) =>
      ANSWER.subarray(i * size, (i + 1) * size),
    );
    assert.deepEqual(split(chunks), whole, `in pieces of ${size} bytes`);
  }
});

test('what follows a failure is not looked at', () => {
  assert.deepEqual(split([Buffer.concat([ANSWER, encodeFrame(SECOND)]), encodeFrame(SECOND)]), split([ANSWER]));
});

test('what is no answer of a reader is refused before it is kept', () => {
  assert.throws(
    () => split([Buffer.from('HTTP/1.1 400 Bad Request\r\n')]),
    /^Error: what answers is not a kflow-reader$/,
  );
  const other = encodeReaderHeader(SETTINGS);
  other[4] = 9;
  assert.throws(
    () => split([other]),
    /^Error: the reader speaks version 9, this agent version 1: install both from one release$/,
  );
  const long = Buffer.concat([
    encodeReaderHeader(SETTINGS),
    encodeFrame(Buffer.alloc(MAX_FRAME_BYTES + 1)).subarray(0, 4),
  ]);
  assert.throws(() => split([long]), /^Error: the reader sent a frame of 131073 bytes: 131072 at most$/);
});

test('a failure’s text steers no terminal', () => {
  const answer = Buffer.concat([encodeReaderHeader(SETTINGS), encodeFailure({ errno: 0, text: 'a\u001b]52;c;\nb' })]);
  assert.deepEqual(split([answer]).at(-1), { kind: 'failure', failure: { errno: 0, text: 'a\ufffd]52;c;\ufffdb' } });
});
