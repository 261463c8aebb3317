import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseAgentAddresses } from '../../../../src/client/agents/agent-addresses.ts';
import { staticDiscovery } from '../../../../src/client/agents/discovery.ts';

for (const [text, keys] of [
  ['127.0.0.1:50051', ['127.0.0.1:50051']],
  ['node1:1, node2:65535', ['node1:1', 'node2:65535']],
  ['[::1]:50051,[fe80::1%eth0]:7', ['[::1]:50051', '[fe80::1%eth0]:7']],
  ['unix:/run/kflow.sock,unix:agent.sock', ['unix:/run/kflow.sock', 'unix:agent.sock']],
  ['a:1,a:1', ['a:1']],
  [`unix:/${'x'.repeat(106)}`, [`unix:/${'x'.repeat(106)}`]],
] as const)
  test(`${text} names ${keys.length}`, async () => {
    const parsed = parseAgentAddresses(text);
    assert.ok(parsed.ok);
    assert.deepEqual(
      parsed.targets.map((target) => target.key),
      keys,
    );
    const dialed = await parsed.targets[0]?.dial(new AbortController().signal);
    assert.equal(dialed?.address, keys[0]);
  });

for (const [text, reason] of [
  ['', /"": an endpoint is missing/],
  ['a:1,,b:2', /"": an endpoint is missing/],
  ['localhost', /"localhost": the port is missing; expected localhost:50051/],
  ['localhost:', /the port is missing; expected localhost:50051/],
  [':50051', /the host is missing/],
  ['a:0', /"0" is not a port/],
  ['a:65536', /"65536" is not a port/],
  ['a:http', /"http" is not a port/],
  ['a:1.5', /"1.5" is not a port/],
  ['::1:50051', /"::1:50051": an IPv6 address is written in brackets/],
  ['[::1]', /the port is missing/],
  ['[::1]50051', /is not a port/],
  ['[host]:1', /"host" is not an IPv6 address/],
  ['unix:', /the path is missing/],
  [`unix:/${'x'.repeat(107)}`, /the path has 108 bytes, but a unix socket's path has at most 107/],
  [`unix:///${'é'.repeat(60)}`, /the path has 121 bytes/],
  ['http://a:1', /"http:\/\/a:1": expected host:port or unix:\/path/],
  ['a b:1', /expected host:port/],
] as const)
  test(`"${text}" is refused, and reported why`, () => {
    const parsed = parseAgentAddresses(text);
    assert.ok(!parsed.ok);
    assert.match(parsed.reason, reason);
  });

test('the header names one endpoint, or counts them', () => {
  const origin = (text: string) => {
    const parsed = parseAgentAddresses(text);
    return parsed.ok ? staticDiscovery(parsed.targets).origin : undefined;
  };
  assert.equal(origin('a:1'), 'a:1');
  assert.equal(origin('a:1,b:2'), '2 endpoints');
});
