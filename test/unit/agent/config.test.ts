import assert from 'node:assert/strict';
import { hostname } from 'node:os';
import { describe, it } from 'node:test';
import { type AgentConfig, helpText, parseConfig } from '../../../src/agent/config.ts';

function read(args: readonly string[], environment: NodeJS.ProcessEnv = {}): AgentConfig {
  const parsed = parseConfig(args, environment);
  if (parsed.kind !== 'config') assert.fail(parsed.kind === 'invalid' ? parsed.reason : parsed.kind);
  return parsed.config;
}

function refusal(args: readonly string[], environment: NodeJS.ProcessEnv = {}): string {
  const parsed = parseConfig(args, environment);
  assert.equal(parsed.kind, 'invalid', `${args} ${JSON.stringify(environment)}`);
  return parsed.kind === 'invalid' ? parsed.reason : '';
}

describe('settings', () => {
  it('have defaults, which the empty text stands for too', () => {
    const wanted: AgentConfig = {
      conntrackPath: undefined,
      source: 'auto',
      hostIp: undefined,
      readerSocket: '/run/kflow/reader.sock',
      network: 'node',
      nodeName: hostname(),
      listen: '127.0.0.1:50051',
      intervalMs: 1000,
      maxDuty: 0.1,
      metricsListen: undefined,
      debug: false,
    };
    assert.deepEqual(read([]), wanted);
    const names = [
      'CONNTRACK_PATH',
      'KUBE_NODE_NAME',
      'KUBE_HOST_IP',
      'KFLOW_LISTEN',
      'KFLOW_INTERVAL',
      'KFLOW_SOURCE',
      'KFLOW_READER_SOCKET',
    ];
    const more = ['KFLOW_MAX_DUTY', 'KFLOW_METRICS_LISTEN', 'KFLOW_INSECURE', 'KFLOW_DEBUG'];
    assert.deepEqual(read([], Object.fromEntries([...names, ...more].map((name) => [name, '']))), wanted);
    for (const name of [...names, ...more]) assert.match(helpText(), new RegExp(`^ +${name}: `, 'm'));
  });

  it('come from the environment, and from flags before it', () => {
    const environment = {
      CONNTRACK_PATH: '/a',
      KUBE_NODE_NAME: 'n1',
      KUBE_HOST_IP: '10.0.0.7',
      KFLOW_LISTEN: 'unix:/run/k.sock',
      KFLOW_INTERVAL: '2m',
      KFLOW_SOURCE: 'procfs',
      KFLOW_READER_SOCKET: '/run/r.sock',
      KFLOW_MAX_DUTY: '1',
      KFLOW_METRICS_LISTEN: '0.0.0.0:9100',
      KFLOW_DEBUG: 'true',
    };
    const wanted: AgentConfig = {
      conntrackPath: '/a',
      source: 'procfs',
      hostIp: '10.0.0.7',
      readerSocket: '/run/r.sock',
      network: 'node',
      nodeName: 'n1',
      listen: 'unix:/run/k.sock',
      intervalMs: 120_000,
      maxDuty: 1,
      metricsListen: '0.0.0.0:9100',
      debug: true,
    };
    assert.deepEqual(read([], environment), wanted);
    const flags = ['--conntrack-path', '/b', '--node-name=n2', '--listen', '[::1]:1', '--interval=500ms'];
    const more = ['--kflow-max-duty', '.5', '--host-ip=fd00::1', '--metrics-listen=localhost:2', '--kflow-source=auto'];
    assert.deepEqual(read([...flags, ...more], environment), {
      conntrackPath: '/b',
      source: 'auto',
      hostIp: 'fd00::1',
      readerSocket: '/run/r.sock',
      network: 'node',
      nodeName: 'n2',
      listen: '[::1]:1',
      intervalMs: 500,
      maxDuty: 0.5,
      metricsListen: 'localhost:2',
      debug: true,
    });
    assert.equal(read([], { CONNTRACK_PATH: 'auto' }).conntrackPath, undefined);
  });

  it('KFLOW_DEBUG is on for 1 and true, off for 0, false and nothing', () => {
    for (const [text, wanted] of [
      ['1', true],
      ['true', true],
      ['0', false],
      ['false', false],
      ['', false],
    ] as const)
      assert.equal(read([], { KFLOW_DEBUG: text }).debug, wanted, text);
    assert.equal(read(['--debug'], { KFLOW_DEBUG: '0' }).debug, true);
  });

  const bad: Record<string, readonly string[]> = {
    KFLOW_INTERVAL: ['1', '0s', '-1s', '1x', '49ms', '1h1m', '2h', '1e3s', ' 1s', 'NaN'],
    KFLOW_SOURCE: ['ebpf', 'PROCFS'],
    KUBE_HOST_IP: ['node1', '10.0.0', '10.0.0.1/24', 'fe80::1%eth0x y'],
    KFLOW_MAX_DUTY: ['0', '1.01', '-0.1', '10%', '1e-1', 'abc', 'NaN'],
    KFLOW_DEBUG: ['yes', 'TRUE', '2'],
    KFLOW_INSECURE: ['maybe'],
    KFLOW_LISTEN: ['foo', '1.2.3:1', '127.0.0.1:65536', '127.0.0.1', 'unix:', '[::g]:1', 'a b:1'],
    KFLOW_METRICS_LISTEN: ['9100', 'host:x'],
    CONNTRACK_PATH: ['/a\0b'],
  };
  for (const [name, values] of Object.entries(bad))
    it(`a ${name} that makes no sense is refused in one line, with its name and value`, () => {
      for (const value of values) {
        const reason = refusal([], { [name]: value });
        assert.ok(reason.startsWith(`${name}: ${JSON.stringify(value)} is not`), reason);
        assert.ok(!reason.includes('\n'));
      }
    });

  it('netlink reads no file: to name one beside it is refused', () => {
    assert.equal(read([], { KFLOW_SOURCE: 'netlink' }).source, 'netlink');
    assert.equal(read(['--source', 'netlink', '--conntrack-path', 'auto']).source, 'netlink');
    const reason = refusal(['--source=netlink'], { CONNTRACK_PATH: '/a' });
    assert.match(reason, /^CONNTRACK_PATH: "\/a" cannot be combined with --source "netlink"/);
    assert.ok(!reason.includes('\n'));
  });

  it('a KFLOW_READER_SOCKET that no socket can have is refused', () => {
    for (const [path, reason] of [
      ['run/r.sock', /^KFLOW_READER_SOCKET: "run\/r\.sock": not an absolute path$/],
      [`/${'x'.repeat(200)}`, /^KFLOW_READER_SOCKET: .* has 201 bytes/],
      ['/run/*/r.sock', /KFLOW_READER_SOCKET/],
    ] as const)
      assert.match(refusal([], { KFLOW_READER_SOCKET: path }), reason);
  });

  it('an address that other machines can reach takes --insecure', () => {
    for (const listen of ['0.0.0.0:1', ':1', '[::]:1', '10.0.0.1:1', 'example.com:1', '[2001:db8::1]:1']) {
      assert.match(
        refusal([], { KFLOW_LISTEN: listen }),
        /KFLOW_LISTEN: .* can be reached from other machines.*--insecure/,
      );
      assert.match(refusal(['--listen', listen]), /^--listen: /);
      assert.equal(read(['--insecure', '--listen', listen]).listen, listen);
      assert.equal(read([], { KFLOW_LISTEN: listen, KFLOW_INSECURE: '1' }).listen, listen);
    }
    for (const listen of ['127.9.9.9:1', '[::1]:1', 'localhost:1', 'unix:/x'])
      assert.equal(read(['--listen', listen]).listen, listen);
  });

  it('flags that are unknown, lack a value or are none are refused in one line', () => {
    for (const args of [['--bogus'], ['extra'], ['--interval'], ['--debug=1'], ['-x']]) {
      const reason = refusal(args);
      assert.match(reason, /see kflow-agent --help$/);
      assert.ok(!reason.includes('\n'));
    }
    assert.equal(parseConfig(['-h'], {}).kind, 'help');
    assert.equal(parseConfig(['--version'], { KFLOW_INTERVAL: 'bad' }).kind, 'version');
  });
});
