/** The lab itself: it reaches nothing but its own, and leaves nothing behind, however it ends. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Lab } from '../lab/lab.ts';
import { labUnavailable } from '../lab/requirements.ts';
import { until } from '../lab/until.ts';

const skip = labUnavailable() ?? false;
const DEMO = fileURLToPath(new URL('../../scripts/demo.ts', import.meta.url));

describe('the lab', { skip }, () => {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGKILL'] as const)
    it(`leaves no process and no namespace of a demo that ends by ${signal}`, async (t) => {
      const { child, pids } = await startDemo();
      t.after(() => child.kill('SIGKILL'));
      const namespaces = pids.map((pid) => readlinkSync(`/proc/${pid}/ns/net`));
      assert.equal(new Set(namespaces).size, 3);
      assert.ok(namespacesInUse().size > 3);
      child.kill(signal);
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
      assert.equal(child.exitCode, { SIGINT: 130, SIGTERM: 0, SIGHUP: 0, SIGKILL: null }[signal]);
      await until('its namespaces are gone', 5000, () => {
        const left = namespacesInUse();
        assert.deepEqual(
          namespaces.filter((namespace) => left.has(namespace)),
          [],
        );
      });
    });

  it('ends what it has made when it fails half way', async () => {
    // There are no such addresses.
    await assert.rejects(Lab.create({ nodes: 300 }), /outside: ip/);
    const own = readlinkSync('/proc/self/ns/net');
    const children = readdirSync('/proc').filter((name) => parentOf(name) === process.pid);
    assert.deepEqual(
      children.filter((pid) => readlinkSync(`/proc/${pid}/ns/net`) !== own),
      [],
    );
  });

  it('says in a line what it needs, to somebody who is not root', async () => {
    const child = spawn('setpriv', ['--reuid', '65534', '--clear-groups', process.execPath, DEMO], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let text = '';
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (piece) => {
        text += piece;
      });
    const [status] = await once(child, 'close');
    assert.equal(status, 1);
    assert.equal(text, 'demo: needs root: it makes network namespaces\n');
  });
});

async function startDemo(): Promise<{ child: ChildProcess; pids: string[] }> {
  const child = spawn(process.execPath, [DEMO, '--headless'], { stdio: ['ignore', 'pipe', 'inherit'] });
  let text = '';
  for await (const piece of child.stdout.iterator({ destroyOnReturn: false })) {
    text += piece;
    if ((text.match(/\n/g)?.length ?? 0) >= 4) break;
  }
  return { child, pids: [...text.matchAll(/\/proc\/(\d+)\//g)].map(([, pid]) => pid ?? '') };
}

function parentOf(pid: string): number | undefined {
  try {
    return Number(
      readFileSync(`/proc/${pid}/stat`, 'latin1')
        .replace(/^.*\) \S /, '')
        .split(' ')[0],
    );
  } catch {
    return undefined;
  }
}

/** The network namespaces that some process is in. */
function namespacesInUse(): Set<string> {
  const found = new Set<string>();
  for (const name of readdirSync('/proc')) {
    const link = `/proc/${name}/ns/net`;
    try {
      if (/^\d+$/.test(name) && existsSync(link)) found.add(readlinkSync(link));
    } catch {
      // The process has ended since.
    }
  }
  return found;
}
