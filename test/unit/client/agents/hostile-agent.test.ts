/** What an agent may answer becomes an error of that agent, of any shape: nothing is thrown where nobody can catch it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lastValueFrom, Observable, switchMap } from 'rxjs';
import { connectAgent } from '../../../../src/client/agents/agent-client.ts';
import type { AgentTarget } from '../../../../src/client/agents/discovery.ts';
import { describeGrpcError } from '../../../../src/client/agents/grpc-error.ts';
import { PeerScheduler } from '../../../../src/client/agents/peer-scheduler.ts';
import { watchAgent } from '../../../../src/client/agents/watch-agent.ts';
import { type Answer, answers, type Call, ends, frame, GRPC, hostileAgent, row } from './hostile-agent.ts';

/** A compressed message, of one byte. */
const COMPRESSED = Buffer.from('010000000178', 'hex');
const PLAIN = Buffer.from('000000000178', 'hex');

const CASES: readonly (readonly [string, Call, Answer, RegExp])[] = (['WatchFlows', 'GetAgent'] as const).flatMap(
  (call) => [
    ['a compressed message without an encoding', call, answers(call, COMPRESSED), /compressed in an unknown way/],
    [
      'an encoding that nobody knows',
      call,
      answers(call, COMPRESSED, { 'grpc-encoding': 'zstd9' }),
      /compressed in an unknown way/,
    ],
    ['what is not gzip', call, answers(call, COMPRESSED, { 'grpc-encoding': 'gzip' }), /gzip/],
    ['what is not deflate', call, answers(call, COMPRESSED, { 'grpc-encoding': 'deflate' }), /deflate/],
    ['a message that is no protobuf', call, answers(call, PLAIN), /INTERNAL|read/],
    ['a message of 4 GiB', call, answers(call, Buffer.from('00ffffffff', 'hex')), /RESOURCE_EXHAUSTED/],
    ['a status that is no number', call, ends(call, { 'grpc-status': 'abc' }), /^its answer has no valid gRPC status$/],
    [
      'a status that is none',
      call,
      ends(call, { 'grpc-status': '99', 'grpc-message': 'x' }),
      /^unknown gRPC status 99: x$/,
    ],
    ['no status', call, ends(call, {}), /UNKNOWN|status/i],
  ],
);

for (const [name, call, answer, reason] of CASES)
  test(`${call}: ${name} is that agent's error`, { timeout: 10_000 }, async (t) => {
    const address = await hostileAgent(t, answer);
    const target: AgentTarget = { key: 'a', dial: () => Promise.resolve({ address, close() {} }) };
    const asked$ = connectAgent(target).pipe(
      switchMap((link): Observable<unknown> => (call === 'GetAgent' ? link.info$ : link.messages$)),
    );
    await assert.rejects(lastValueFrom(asked$), (error: Error) => {
      assert.match(error.message, reason);
      return error instanceof Error;
    });
  });

test('an HTTP status that is none of gRPC is an error, too', async (t) => {
  const address = await hostileAgent(t, (stream) => {
    stream.respond({ ...GRPC, ':status': 503 });
    stream.end('<html>');
  });
  const target: AgentTarget = { key: 'a', dial: () => Promise.resolve({ address, close() {} }) };
  await assert.rejects(lastValueFrom(connectAgent(target).pipe(switchMap((link) => link.messages$))), /503/);
});

const hidden = () => {
  throw new Error('x');
};
const SHAPES: readonly (readonly [string, unknown, RegExp])[] = [
  ['undefined', undefined, /./],
  ['null', null, /./],
  ['a text', 'gone', /^gone$/],
  ['a number', 7, /^7$/],
  ['an object without a prototype', Object.create(null), /without a message/],
  ['an error without a message', new TypeError(), /^TypeError$/],
  ['an error whose message is no text', Object.assign(new Error('x'), { message: 5 }), /^Error$/],
  ['an error whose message throws', Object.defineProperty({}, 'message', { get: hidden }), /without a message/],
  ['a symbol', Symbol('s'), /without a message/],
];

for (const [name, thrown, words] of SHAPES) {
  test(`an agent that is lost to ${name} has a reason`, async () => {
    const lost = await new Promise<string>((resolve) => {
      const subscription = watchAgent(
        { key: 'a', dial: () => Promise.reject(thrown) },
        {
          open: (target) =>
            new Observable((subscriber) => {
              target.dial(new AbortController().signal).catch((error: unknown) => subscriber.error(error));
            }),
        },
      ).subscribe((event) => {
        if (event.kind !== 'status' || event.status.kind !== 'lost') return;
        resolve(event.status.reason);
        setImmediate(() => subscription.unsubscribe());
      });
    });
    assert.match(lost, words);
  });
  test(`an error of a call that is ${name} is explained`, () => assert.match(describeGrpcError(thrown).message, /./));
}

test('an agent that is not read from can send no more than its window', async (t) => {
  const piece = frame({ sequence: 1, snapshot: true, added: Array.from({ length: 5_000 }, (_, i) => row(i + 1)) });
  let accepted = 0;
  const full = new Promise<void>((resolve) => {
    void hostileAgent(t, (stream, call) => {
      if (call !== 'WatchFlows') return;
      stream.respond(GRPC);
      const more = (): void => {
        // Nothing more goes out for a while: the window is full.
        const timer = setTimeout(resolve, 300);
        stream.write(piece, () => {
          clearTimeout(timer);
          accepted += piece.length;
          if (accepted < 64 * 1024 ** 2) more();
          else resolve();
        });
      };
      more();
    }).then((address) => {
      // Its turn never comes.
      const scheduler = new PeerScheduler();
      scheduler.add = () => {};
      const subscription = connectAgent(
        { key: 'a', dial: () => Promise.resolve({ address, close() {} }) },
        { scheduler },
      )
        .pipe(switchMap((link) => link.messages$))
        .subscribe({ error: () => {} });
      t.after(() => subscription.unsubscribe());
    });
  });
  await full;
  assert.ok(accepted > 0 && accepted < 12 * 1024 ** 2, `${accepted} bytes`);
});
