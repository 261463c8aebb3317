import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { InputDecoder } from '../../../../../src/client/tui/terminal/input-decoder.ts';
import type { InputEvent } from '../../../../../src/client/tui/terminal/input-events.ts';

/** The events of these reads, and then of a moment in which nothing comes. */
function decoded(...reads: readonly (string | Uint8Array)[]): InputEvent[] {
  const decoder = new InputDecoder();
  const events = reads.flatMap((read) => decoder.write(typeof read === 'string' ? Buffer.from(read) : read));
  return [...events, ...decoder.flush()];
}

/** In short: names of keys in angle brackets, text as it is, `[text]` for a paste, `@action x,y`, `~` for a reply. */
function short(events: readonly InputEvent[]): string {
  return events
    .map((event) => {
      switch (event.kind) {
        case 'key':
          return `<${event.name}>`;
        case 'text':
          return event.text;
        case 'paste':
          return `[${event.text}]`;
        case 'mouse':
          return `@${event.action} ${event.x},${event.y}`;
      }
      return '~';
    })
    .join('');
}

const SAMPLES: readonly (readonly [bytes: string, events: string])[] = [
  ['jk5G', 'jk5G'],
  ['\r\n\t\x7f\b', '<enter><enter><tab><backspace><backspace>'],
  ['\x00\x03\x1a\x1c', '<C-space><C-c><C-z><C-\\>'],
  ['\x1b', '<escape>'],
  ['\x1b\x1b', '<escape><escape>'],
  ['\x1bj', '<escape>j'],
  ['\x1bé', '<escape>é'],
  ['\x1b\r', '<escape><enter>'],
  ['\x1b[', '<escape>['],
  ['\x1bO', '<escape>O'],
  ['\x1b]', '<escape>]'],
  ['\x1b[\x1b[A', '<escape>[<up>'],
  ['\x1b\x1b[A', '<escape><up>'],
  ['\x1b[A\x1b[B\x1b[C\x1b[D', '<up><down><right><left>'],
  ['\x1bOA\x1bOB\x1bOC\x1bOD\x1bOH\x1bOF', '<up><down><right><left><home><end>'],
  ['\x1b[H\x1b[1~\x1b[7~\x1b[F\x1b[4~\x1b[8~', '<home><home><home><end><end><end>'],
  ['\x1b[2~\x1b[3~\x1b[5~\x1b[6~', '<insert><delete><pageup><pagedown>'],
  ['\x1bOP\x1b[11~\x1b[[A\x1b[P\x1b[[E\x1b[24~', '<f1><f1><f1><f1><f5><f12>'],
  ['\x1b[Z\x1b[1;5C\x1b[1;2A\x1b[1;3D\x1b[5;5~\x1b[3;2~', '<S-tab><C-right><S-up><M-left><C-pageup><S-delete>'],
  ['\x1bOc\x1b[a\x1b[3$\x1b[3^\x1b[3@', '<C-right><S-up><S-delete><C-delete><C-S-delete>'],
  ['\x1bOM\x1bOp\x1bOy\x1bOk\x1bOm\x1bOo\x1bOn\x1bOI', '<enter>09+-/.<tab>'],
  ['\x1b[97;5u\x1b[27;5;98~\x1b[65;2u\x1b[13u\x1b[27u\x1b[106u', '<C-a><C-b>A<enter><escape>j'],
  ['\x1b[97;1:3u', '~'],
  ['é日本👍\u0301', 'é日本👍\u0301'],
  ['\x1b[<0;3;4M\x1b[<0;3;4mj', '@mousedown 2,3@mouseup 2,3j'],
  ['k\x1b[<65;11;10Mj\x1b[<64;11;10M', 'k@wheeldown 10,9j@wheelup 10,9'],
  ['\x1b[<35;3;4M', '@mousemove 2,3'],
  ['\x1b[M #$\x1b[M##$j', '@mousedown 2,3@mouseup 2,3j'],
  ['\x1b[32;3;4Mq', '@mousemove 2,3q'],
  ['\x1b[?1;2c\x1b[>0;276;0c\x1b[12;40R\x1b[0n\x1b[?2026;2$y\x1b[4;2$y\x1b[I\x1b[Oj', '~~~~~~~~j'],
  ['\x1b]11;rgb:ffff/ffff/ffff\x07j', '~j'],
  ['\x1b]11;rgb:ffff/ffff/ffff\x1b\\j', '~j'],
  ['\x1bP1+r544e=78\x1b\\\x1b_Gi=31;OK\x1b\\\x1b^q\x1b\\\x1bXq\x1b\\j', '~~~~j'],
  ['\x1b]52;c;\x1b[A', '<up>'],
  ['\x1b]52;c\x03j', '<C-c>j'],
  ['\x1b[1;\x1b[Aj', '<up>j'],
  ['\x1b[1;5\rj', '<enter>j'],
  ['\x1b[200~a\r\nkeq\x1b[Ab\x1b[201~j', '[a\r\nkeq\x1b[Ab]j'],
  ['\x1b[200~\x1b[201~\x1b[200~\x1b[20\x1b[201~', '[][\x1b[20]'],
  ['\x1b[201~j', '~j'],
];

for (const [bytes, events] of SAMPLES)
  test(`${JSON.stringify(bytes)} is ${events}`, () => assert.equal(short(decoded(bytes)), events));

test('bytes that are no text read as signs of a fault, and take nothing with them', () => {
  assert.equal(short(decoded(Uint8Array.of(0xff, 0x6a))), '\ufffdj');
  assert.equal(short(decoded(Uint8Array.of(0xe6, 0x97, 0x6a))), '\ufffdj');
  assert.equal(short(decoded(Uint8Array.of(0xe6, 0x1b, 0x5b, 0x41))), '\ufffd<up>');
  assert.equal(short(decoded(Uint8Array.of(0xed, 0xa0, 0x80))), '\ufffd', 'half of a pair');
});

test('however bytes are split over reads, the events are the same', () => {
  const piece = fc.oneof(
    fc.constantFrom(...SAMPLES.map(([bytes]) => Buffer.from(bytes))),
    fc.string({ unit: 'grapheme', maxLength: 5 }).map((text) => Buffer.from(text)),
    fc.uint8Array({ maxLength: 6 }).map((bytes) => Buffer.from(bytes)),
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 6 }), fc.array(fc.nat(), { maxLength: 8 }), (pieces, cuts) => {
      const bytes = Buffer.concat(pieces);
      const places = [0, ...cuts.map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
      const reads = places.slice(1).map((end, i) => bytes.subarray(places[i], end));
      assert.deepEqual(decoded(...reads), decoded(bytes));
    }),
    { numRuns: 500 },
  );
});

test('each sample is the same in reads of one byte', () => {
  for (const [bytes, events] of SAMPLES)
    assert.equal(short(decoded(...Array.from(Buffer.from(bytes), (byte) => Uint8Array.of(byte)))), events);
});

test('a sequence that comes slowly stays whole; what was typed does not wait for more', () => {
  const decoder = new InputDecoder();
  const slowly = (...parts: string[]) =>
    parts.flatMap((part) => [...decoder.write(Buffer.from(part)), ...decoder.flush()]);
  assert.equal(short(slowly('\x1b[1', ';5', 'A')), '<C-up>');
  assert.equal(short(slowly('\x1b]11;rgb:', 'ff/', 'ff\x1b\\')), '~');
  assert.equal(short(slowly('\x1b[200~a', '\x1b', '[201', '~')), '[a]');
  assert.equal(short(slowly('\x1b', '[', 'A')), '<escape>[A');
});

test('nothing that is sent grows without bound', () => {
  const [paste] = decoded(`\x1b[200~${'日'.repeat(100_000)}\x1b[201~`);
  assert(paste?.kind === 'paste');
  assert(paste.text.length < 65_536 && /^日+$/.test(paste.text));
  const [reply] = decoded(`\x1b]52;c;${'a'.repeat(1_000_000)}\x07`);
  assert(reply?.kind === 'reply' && reply.text.length < 2000);
});
