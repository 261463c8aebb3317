import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { filter, firstValueFrom, map, takeUntil, timer } from 'rxjs';
import { parseConfig } from '../../../../src/agent/config.ts';
import { connectAgent } from '../../../../src/client/agents/agent-client.ts';
import { localAgent } from '../../../../src/client/agents/local-agent.ts';
import { watchAgent } from '../../../../src/client/agents/watch-agent.ts';

const LINE =
  'ipv4     2 tcp      6 431999 ESTABLISHED src=10.0.0.1 dst=10.0.0.2 sport=30000 dport=80 packets=5 bytes=300 ' +
  'src=10.0.0.2 dst=10.0.0.1 sport=80 dport=30000 packets=4 bytes=5000 [ASSURED] mark=0 zone=0 use=2\n';

test('an agent in this process is reached through a private socket, which goes with it', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'kflow-test-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'nf_conntrack');
  writeFileSync(path, LINE);
  const parsed = parseConfig([], { CONNTRACK_PATH: path, KUBE_NODE_NAME: 'here' });
  assert.ok(parsed.kind === 'config');
  const local = localAgent(parsed.config);
  t.after(() => local.close());

  const { targets } = await firstValueFrom(local.discovery.discovered$);
  const [target] = targets;
  assert.ok(target !== undefined && targets.length === 1);
  const flows = await firstValueFrom(
    watchAgent(target, { open: connectAgent }).pipe(
      filter((event) => event.kind === 'table'),
      map((event) => event.table.size),
      takeUntil(timer(10_000)),
    ),
  );
  assert.equal(flows, 1);

  const { address } = await target.dial(new AbortController().signal);
  const socket = address.replace('unix:', '');
  assert.ok(existsSync(socket));
  assert.equal(statSync(dirname(socket)).mode & 0o777, 0o700);
  await local.close();
  assert.equal(existsSync(dirname(socket)), false);
});
