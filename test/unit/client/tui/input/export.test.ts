import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { writeExport } from '../../../../../src/client/files/write-file.ts';
import { toAgentJson } from '../../../../../src/client/output/agent-json.ts';
import { toConnectionJson } from '../../../../../src/client/output/connection-json.ts';
import { formatCsvHeading, formatCsvRow } from '../../../../../src/client/output/csv.ts';
import { nextStep } from '../../../../../src/client/problems/next-step.ts';
import type { Problem } from '../../../../../src/client/problems/problem.ts';
import {
  defaultFormat,
  EXPORT_FORMATS,
  type ExportFormat,
  expandHome,
  parseExportArguments,
} from '../../../../../src/client/tui/input/export-formats.ts';
import { initialState, type ViewState } from '../../../../../src/client/tui/state.ts';
import { buildViewModelNow } from '../../../../../src/client/tui/view-model/view-model.ts';
import { agent, connection, pod, snapshot, unanswered } from '../fixtures.ts';

const [CSV, JSON_FORMAT] = EXPORT_FORMATS as [ExportFormat, ExportFormat];

const SHOWN = snapshot([connection({ source: pod('cart', 'node1') }), unanswered()], { agents: [agent('node1')] });
const PROBLEM: Problem = {
  key: 'a',
  severity: 3,
  title: 'no answer to TCP SYN',
  subject: 'shop/web',
  count: 2,
  unit: 'connections',
  explanation: 'it is down, or a policy drops it',
  nextStep: nextStep('look at its pods', ['kubectl', 'get', 'pods']),
};

function written(view: ViewState['view'], format: ExportFormat, parts: Partial<ViewState> = {}, shown = SHOWN): string {
  const state = { ...initialState(), view, focus: view === 'overview' ? 'nodes' : view, ...parts } as ViewState;
  return [...format.pieces(state, buildViewModelNow(shown, state, [PROBLEM]))].join('');
}

test('csv of connections is what kflow flows -o csv prints: raw numbers, all rows in their order', () => {
  const [headings, first, second, ...rest] = written('connections', CSV).split('\n');
  assert.equal(headings, formatCsvHeading());
  assert.equal(first, formatCsvRow(SHOWN.connections[0] ?? assert.fail(), SHOWN.at));
  assert.equal(second, formatCsvRow(SHOWN.connections[1] ?? assert.fail(), SHOWN.at));
  assert.deepEqual(rest, ['']);
});

test('json has connections, agents and problems as scripts get them', () => {
  const connections = JSON.parse(written('connections', JSON_FORMAT));
  assert.deepEqual(
    connections,
    JSON.parse(JSON.stringify(SHOWN.connections.map((one) => toConnectionJson(one, SHOWN.at)))),
  );
  assert(!('bytesPerSecond' in connections[1]), 'unknown is left out');
  assert.deepEqual(
    JSON.parse(written('agents', JSON_FORMAT)),
    JSON.parse(JSON.stringify(SHOWN.agents.map((one) => toAgentJson(one)))),
  );
  assert.deepEqual(JSON.parse(written('problems', JSON_FORMAT)), [
    {
      severity: 'critical',
      title: 'no answer to TCP SYN',
      subject: 'shop/web',
      count: 2,
      unit: 'connections',
      explanation: 'it is down, or a policy drops it',
      next: 'look at its pods: kubectl get pods',
      command: ['kubectl', 'get', 'pods'],
    },
  ]);
  assert.equal(written('connections', JSON_FORMAT, { filter: 'nobody' }), '[]\n');
});

test('what the command line has no table of has the same names of fields', () => {
  const workloads: { name: string }[] = JSON.parse(written('workloads', JSON_FORMAT));
  assert.deepEqual(
    workloads.find(({ name }) => name === 'shop/cart'),
    {
      name: 'shop/cart',
      kind: 'Deployment',
      connections: 1,
      unanswered: 0,
      bytesPerSecond: { sent: 100, received: 900 },
      bytes: 100_000,
    },
  );
  const { sentRate: _, ...rest } = connection({ receivedRate: 7 });
  const oneWay = { ...SHOWN, connections: [rest] };
  const [row] = JSON.parse(written('services', JSON_FORMAT, {}, oneWay));
  assert.deepEqual(row.bytesPerSecond, { received: 7 }, 'what is known of one direction stays');
  for (const [view, headings] of [
    [
      'overview',
      /^node,status,table_usage,connections,unanswered,bytes_per_second_sent,bytes_per_second_received,bytes$/,
    ],
    ['workloads', /^name,kind,connections,/],
    ['services', /^name,port,protocol,clients,backends,connections,/],
    ['agents', /^node,pod,namespace,status,reason,.*,poll_seconds,interval_seconds,last_seen/],
    ['problems', /^severity,title,subject,count,unit,explanation,next$/],
    ['graph', /^protocol,family,/],
  ] as const) {
    const [first = '', row = ''] = written(view, CSV).split('\n');
    assert.match(first, headings, view);
    assert.equal(row.split(',').length >= first.split(',').length, true, `${view}: ${row}`);
  }
});

test('what is written is that of the view, whichever pane had the focus before', () => {
  assert.match(written('problems', CSV, { focus: 'details', detailTarget: 'connections' }), /^severity,/);
  assert.equal(defaultFormat({ ...initialState(), view: 'graph', focus: 'details' }).id, 'dot');
  assert.equal(defaultFormat({ ...initialState(), view: 'agents', focus: 'agents' }).id, 'csv');
});

test('what :export is to write', () => {
  assert.deepEqual(parseExportArguments(''), {});
  assert.deepEqual(parseExportArguments('json'), { format: JSON_FORMAT });
  assert.deepEqual(parseExportArguments('json a.txt'), { format: JSON_FORMAT, file: 'a.txt' });
  assert.deepEqual(parseExportArguments('a  b.json'), { format: JSON_FORMAT, file: 'a  b.json' });
  // A file by the name of a format that there is not would surprise.
  assert.match(String(parseExportArguments('xml')), /does not know "xml"; it takes csv, json, dot, a file/);
  assert.deepEqual(parseExportArguments('csv a'), { format: CSV, file: 'a' });
});

test('~ is the home folder, as in a shell', () => {
  assert.equal(expandHome('~/x.csv', '/home/me'), '/home/me/x.csv');
  assert.equal(expandHome('~other/x.csv', '/home/me'), '~other/x.csv');
  assert.equal(expandHome('a~/x.csv', '/home/me'), 'a~/x.csv');
  assert.equal(expandHome('~/x.csv', undefined), '~/x.csv');
});

test('a file is written whole, and none is written over', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'kflow-export-'));
  try {
    const file = join(folder, 'rows');
    const { signal } = new AbortController();
    const pieces = Array.from({ length: 2_001 }, (_, i) => `${i}\n`);
    await writeExport(file, pieces, signal);
    assert.equal(readFileSync(file, 'utf8'), pieces.join(''));
    writeFileSync(file, 'mine');
    await assert.rejects(writeExport(file, pieces, signal), /rows: file already exists \(EEXIST\)$/);
    assert.equal(readFileSync(file, 'utf8'), 'mine');
    await assert.rejects(
      writeExport(join(folder, 'no/such'), [], signal),
      /such: no such file or directory \(ENOENT\)$/,
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
});
