import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cutText } from '../../../src/limits.ts';
import { decodeAgent } from '../../../src/wire/agent.ts';
import { decodeResponse } from '../../../src/wire/decode.ts';
import { FlowServiceClient, parseResponse, serializeResponse } from '../../../src/wire/service.ts';

const LONG = 'x'.repeat(3_900_000);

test('what an agent says of itself is cut where it is read', () => {
  const { GetAgent } = FlowServiceClient.service;
  const bytes = GetAgent.responseSerialize({
    nodeName: LONG,
    version: LONG,
    path: LONG,
    candidates: Array.from({ length: 1_000 }, () => ({ path: 'p'.repeat(5_000), outcome: 'o'.repeat(5_000) })),
    unavailableReason: LONG,
    unparsedSample: LONG,
    sourceReason: LONG,
  });
  const agent = decodeAgent(GetAgent.responseDeserialize(bytes));
  const { node, version, path, unavailableReason, sourceReason, unparsedSample, candidates } = agent;
  assert.deepEqual(
    [node, version, path, unavailableReason, sourceReason, unparsedSample].map((text) => text?.length),
    [253, 128, 1_024, 2_048, 2_048, 256],
  );
  assert.equal(candidates.length, 64);
  assert.deepEqual([candidates[0]?.path.length, candidates[0]?.outcome.length], [1_024, 2_048]);
});

test('a poll’s error and sample are cut, and an interval that is none is unknown', () => {
  const read = (intervalSeconds: number) =>
    decodeResponse(
      parseResponse(serializeResponse({ poll: { intervalSeconds, error: LONG, unparsedSample: LONG } })),
      0,
    );
  const { poll, pollError } = read(1);
  assert.deepEqual([pollError?.length, poll?.unparsedSample?.length, poll?.intervalSeconds], [2_048, 256, 1]);
  for (const interval of [1e15, 3_601, 0, -1, 0.049, Number.NaN, Number.POSITIVE_INFINITY])
    assert.equal(read(interval).poll?.intervalSeconds, undefined, `${interval}`);
  for (const interval of [0.05, 3_600]) assert.equal(read(interval).poll?.intervalSeconds, interval);
});

test('no half of a character is left', () => {
  assert.equal(cutText('abc', 3), 'abc');
  assert.equal(cutText('abcd', 3), 'ab…');
  assert.equal(cutText('a😀bcd', 3), 'a…');
  assert.equal(cutText('a😀bcd', 4), 'a😀…');
});
