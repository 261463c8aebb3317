import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { REFERENCE, withTables } from '../../../../../scripts/reference.ts';
import { toAgentJson } from '../../../../../src/client/output/agent-json.ts';
import { toConnectionJson } from '../../../../../src/client/output/connection-json.ts';
import { agentInfo, poll } from '../../agents/fixtures.ts';
import { agent, bareConnection, connection } from './fixtures.ts';

const text = readFileSync(REFERENCE, 'utf8');

test('the tables of docs/scripting.md are those of the program (npm run docs)', () => {
  assert.equal(text, withTables(text));
});

test('docs/scripting.md tells of every JSON field of a connection, and of no other', () => {
  const workload = { kind: 'Deployment', name: 'web' };
  const end = { ...connection().source, workload, ended: true, candidates: [] } as const;
  const full = connection({
    source: end,
    destination: end,
    stale: true,
    unanswered: true,
    incomplete: 'no agent on node2',
    disputed: 'node3 says that it continues',
    startedAt: 0,
  });
  const fields = new Set([
    'event',
    'id',
    ...paths(toConnectionJson(full, 0)),
    ...paths(toConnectionJson(bareConnection(), 0)),
    ...paths(toConnectionJson(connection({ protocol: 50 }), 0)),
  ]);
  assert.deepEqual(documented('### JSON'), [...fields].toSorted());
});

test('docs/scripting.md tells of every JSON field of an agent, and of no other', () => {
  const full = agent({
    namespace: 'kflow',
    pod: 'kflow-daemon-x',
    status: { kind: 'lost', reason: 'killed', retryAt: 0 },
    info: { ...agentInfo, entries: 1, maxEntries: 2, sourceReason: 'x' },
    poll: poll({ unparsedLines: 1, unparsedSample: 'x' }),
    flows: 1,
    omittedFlows: 1,
    lastSeenAt: 0,
    claimedNode: 'node2',
  });
  assert.deepEqual(documented('## kflow agents'), [...paths(toAgentJson(full))].toSorted());
});

/** The fields of the first table of a section. */
function documented(heading: string): string[] {
  const section = text.slice(text.indexOf(`${heading}\n`)).split(/\n#+ |<!-- /)[0] ?? '';
  return [...section.matchAll(/^\| `([\w.]+)` \| (?:string|number|boolean|object|array)/gm)]
    .map(([, name]) => name ?? '')
    .toSorted();
}

/** "source.workload.kind" … of all that JSON would print. */
function paths(value: object): string[] {
  return Object.entries(JSON.parse(JSON.stringify(value))).flatMap(([key, inner]) => [
    key,
    ...(typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? paths(inner).map((path) => `${key}.${path}`)
      : []),
  ]);
}
