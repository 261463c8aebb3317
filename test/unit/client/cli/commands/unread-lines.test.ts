/** Lines of a table that an agent does not understand: what the commands say of them, over gRPC. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { kflow } from '../../../../lab/kflow.ts';
import { until } from '../../../../lab/until.ts';
import { FileAgent, lineOf } from '../../../agent/file-agent.ts';

const GARBAGE = `[NEW] tcp 6 src=10.9.9.9 ${'x'.repeat(300)}`;
const SAMPLE = GARBAGE.slice(0, 200);

test('some lines: flows, agents and doctor tell how many, and one of them', async (t) => {
  const agent = await FileAgent.start(t, `${lineOf({ port: 1 })}${GARBAGE}\nmore garbage\n`);
  const flows = await kflow('flows', '--endpoints', agent.address, '-o', 'json');
  assert.equal(flows.status, 0);
  assert.equal(JSON.parse(flows.out).length, 1);
  assert.match(
    flows.err,
    /^kflow: test: 2 lines of .*nf_conntrack not understood and left out, such as "\[NEW\] tcp 6 src=10\.9\.9\.9 x+"$/m,
  );
  const agents = await kflow('agents', '--endpoints', agent.address, '-o', 'json');
  assert.partialDeepStrictEqual(JSON.parse(agents.out), [{ unparsedLines: 2, unparsedSample: SAMPLE, status: 'live' }]);
  const doctor = await kflow('doctor', '--endpoints', agent.address);
  assert.match(doctor.out, /2 lines of .*nf_conntrack not understood and left out, such as "\[NEW\]/);
  agent.writeText(lineOf({ port: 1 }));
  const well = await kflow('agents', '--endpoints', agent.address, '-o', 'json');
  const [{ unparsedLines, unparsedSample }] = JSON.parse(well.out);
  assert.deepEqual([unparsedLines, unparsedSample], [0, undefined]);
  assert.doesNotMatch((await kflow('flows', '--endpoints', agent.address)).err, /understood/);
});

test('no line: the reason of the agent says so', async (t) => {
  const agent = await FileAgent.start(t, '1234.56 7890.12\n');
  const agents = await kflow('agents', '--endpoints', agent.address, '-o', 'json');
  const [{ reason, unparsedSample }] = JSON.parse(agents.out);
  assert.match(reason, /^test: no line of .* is one of a conntrack table \(1 lines, such as "1234\.56 7890\.12"\)$/);
  assert.equal(unparsedSample, '1234.56 7890.12');
});

test('a table that is replaced by one line while it is sent is read again, and not given up', async (t) => {
  const agent = await FileAgent.start(
    t,
    Array.from({ length: 20_000 }, (_, i) => ({ port: 1 + i })),
  );
  const flows = kflow('flows', '--once', '--endpoints', agent.address, '-o', 'json');
  await until('the first poll', 10_000, () => assert.ok(agent.polls > 0));
  agent.writeText(lineOf({ port: 7 }));
  const { status, out, err } = await flows;
  assert.equal(status, 0, err);
  const rows = JSON.parse(out);
  assert.equal(rows.length, 1);
  assert.equal(rows[0].source.port, 7);
});
