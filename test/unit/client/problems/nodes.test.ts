import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { formatProblems, hop, Scene } from './scene.ts';

function poll(entries: number) {
  return { observedAt: 0, entries, unparsedLines: 0, durationSeconds: 0.01, intervalSeconds: 1, skipped: false };
}

/** What the agent reported, with these in the place of those. */
function agentInfo(scene: Scene, over: object): void {
  const known = scene.agents[0]?.info;
  if (known !== undefined) scene.agent('node1', { info: { ...known, ...over } });
}

describe('a conntrack table that fills', () => {
  it('is reported from 80% on, fails from 95% on, and is over well below', () => {
    const scene = new Scene('node1', 'node2');
    const at = (entries: number) => {
      scene.agent('node1', { poll: poll(entries) });
      return formatProblems(scene.pass(1));
    };
    assert.deepEqual(at(790), []);
    assert.deepEqual(at(810), ['conntrack table nearly full at node1 × 810']);
    assert.deepEqual(at(960), ['conntrack table full at node1 × 960']);
    assert.equal(scene.look()[0]?.severity, 3);
    assert.deepEqual(at(790), ['conntrack table nearly full at node1 × 790']);
    assert.deepEqual(at(760), []);
  });

  it('of which the maximum is not known is none', () => {
    const scene = new Scene();
    agentInfo(scene, { maxEntries: undefined });
    scene.agent('node1', { poll: poll(1_000_000) });
    assert.deepEqual(formatProblems(scene.pass(1)), []);
  });
});

describe('the counters of the conntrack table', () => {
  it('are reported while they go up, by how much, and not for what they were before', () => {
    const scene = new Scene();
    assert.deepEqual(formatProblems(scene.pass(3)), []);
    agentInfo(scene, { counters: { drop: 10, insertFailed: 7, earlyDrop: 8 } });
    assert.deepEqual(formatProblems(scene.pass(1)), [
      'conntrack drops packets at node1 × 3',
      'conntrack evicts entries early at node1 × 1',
    ]);
    agentInfo(scene, { counters: { drop: 15, insertFailed: 9, earlyDrop: 8 } });
    assert.deepEqual(formatProblems(scene.pass(1)), [
      'conntrack drops packets at node1 × 8',
      'conntrack insert fails at node1 × 2',
      'conntrack evicts entries early at node1 × 1',
    ]);
    assert.deepEqual(formatProblems(scene.pass(16)), []);
    agentInfo(scene, { counters: { drop: 16, insertFailed: 9, earlyDrop: 8 } });
    assert.deepEqual(formatProblems(scene.pass(1)), ['conntrack drops packets at node1 × 1']);
  });

  it('that fall back, or come back after a loss, begin again', () => {
    const scene = new Scene();
    scene.pass(1);
    agentInfo(scene, { counters: { drop: 0, insertFailed: 0, earlyDrop: 0 } });
    assert.deepEqual(formatProblems(scene.pass(1)), []);
    agentInfo(scene, { counters: undefined });
    scene.pass(1);
    agentInfo(scene, { counters: { drop: 5, insertFailed: 0, earlyDrop: 0 } });
    assert.deepEqual(formatProblems(scene.pass(1)), []);
  });

  it('of a node that was lost for a while count what came meanwhile', () => {
    const scene = new Scene();
    scene.pass(1);
    scene.agent('node1', { status: { kind: 'lost', reason: 'killed', retryAt: 0 } });
    scene.pass(5);
    scene.agent('node1', { status: { kind: 'live' } });
    agentInfo(scene, { counters: { drop: 9, insertFailed: 7, earlyDrop: 7 } });
    assert.deepEqual(formatProblems(scene.pass(1)), ['conntrack drops packets at node1 × 2']);
  });
});

describe('accounting', () => {
  const fresh = (sentBytes: number | undefined) => {
    const { sentBytes: _, ...rest } = hop('node1', 4);
    return { hops: [sentBytes === undefined ? rest : { ...rest, sentBytes }] };
  };

  it('that is off is reported, and is over when it is on', () => {
    const scene = new Scene();
    agentInfo(scene, { accounting: 'off' });
    assert.deepEqual(formatProblems(scene.pass(1)), ['accounting off at node1 × 1']);
    agentInfo(scene, { accounting: 'on' });
    assert.deepEqual(formatProblems(scene.pass(1)), []);
  });

  it('is off where new connections have no counters, whatever old ones have', () => {
    const scene = new Scene();
    for (let i = 0; i < 5; i++) scene.add(fresh(undefined));
    // These were there before, and may be from before it was turned on.
    assert.deepEqual(formatProblems(scene.pass(3)), []);
    for (let i = 0; i < 3; i++) scene.add(fresh(undefined));
    assert.deepEqual(formatProblems(scene.pass(1)), ['accounting off at node1 × 1']);
    scene.add(fresh(60));
    assert.deepEqual(formatProblems(scene.pass(1)), []);
  });

  it('is on where new connections have counters, though the first entries of the table are old', () => {
    const scene = new Scene();
    agentInfo(scene, { accounting: 'off' });
    scene.pass(1);
    assert.deepEqual(formatProblems(scene.pass(5, () => scene.add(fresh(60)))), []);
  });

  it('that is not known is no problem', () => {
    const scene = new Scene();
    agentInfo(scene, { accounting: 'unknown' });
    assert.deepEqual(formatProblems(scene.pass(5)), []);
  });
});

describe('agents', () => {
  it('that are lost or stale are reported, and what they said last is not', () => {
    const scene = new Scene('node1', 'node2', 'node3');
    agentInfo(scene, { accounting: 'off' });
    scene.agent('node1', { status: { kind: 'lost', reason: 'connection refused', retryAt: 0 }, poll: poll(999) });
    scene.agent('node2', { status: { kind: 'stale', reason: 'no update for 4s' } });
    const problems = scene.pass(1);
    assert.deepEqual(formatProblems(problems), ['agent lost at node1 × 1', 'agent stale at node2 × 1']);
    assert.match(problems[0]?.explanation ?? '', /^connection refused: /);
  });

  it('that are being reached for the first time are no problem', () => {
    const scene = new Scene();
    scene.agent('node1', { status: { kind: 'connecting' } });
    assert.deepEqual(formatProblems(scene.pass(9)), []);
  });
});

describe('missing data', () => {
  it('is an empty table of a live agent', () => {
    const scene = new Scene('node1', 'node2');
    scene.agent('node2', { flows: 0 });
    assert.deepEqual(formatProblems(scene.pass(1)), ['no connections tracked at node2 × 0']);
    scene.agent('node2', { flows: 1 });
    assert.deepEqual(formatProblems(scene.pass(1)), []);
  });

  it('is a cluster whose agents cannot be found, or that has none', () => {
    const scene = new Scene();
    scene.agents = [];
    assert.deepEqual(formatProblems(scene.pass(1)), ['no agents at a test × 0']);
    scene.discoveryProblem = 'pods is forbidden';
    assert.deepEqual(formatProblems(scene.pass(1)), ['agents cannot be found at a test × 0']);
    assert.equal(scene.look()[0]?.explanation, 'pods is forbidden');
  });

  it('is each reason for missing names', () => {
    const scene = new Scene();
    scene.missingNames = ['no names for pods', 'no names for services'];
    assert.deepEqual(formatProblems(scene.pass(1)), [
      'names are missing at a test × 0',
      'names are missing at a test × 0',
    ]);
    assert.deepEqual(
      scene.look().map(({ explanation }) => explanation),
      ['no names for pods', 'no names for services'],
    );
  });
});
