import { LabAgent } from '../lab/agent.ts';
import { makeFolder } from '../lab/folder.ts';
import { type Host, Lab, type LabNode, type LabOptions } from '../lab/lab.ts';
import type { Protocol, Service } from '../lab/nat.ts';

/** An agent's interval in these tests, and what the contract allows a flow to come later than that. */
export const INTERVAL_MS = 500;
export const LATE_MS = INTERVAL_MS + 300;

export const ECHO_PORT = 8080;
/** Services at ports of their own: 80 to the server with destination NAT alone, 81 with masquerade too. */
export const SERVICE = { v4: '10.96.0.10', v6: 'fd00:10:96::10' };
export const PLAIN_PORT = 80;
export const MASQUERADED_PORT = 81;
export const IPERF_PORT = 5201;

export interface OneNode {
  readonly lab: Lab;
  readonly node: LabNode;
  readonly client: Host;
  readonly server: Host;
  readonly agent: LabAgent;
  close(): Promise<void>;
}

/** A node with a client and a server behind it that echoes, a service for that, and an agent on the node. */
export async function makeOneNode(options: LabOptions & { agent?: Readonly<Record<string, string>> } = {}) {
  const lab = await Lab.create(options);
  try {
    const node = lab.node(1);
    const client = await node.addPod('client');
    const server = await node.addPod('server');
    for (const host of [server, lab.outside])
      for (const protocol of ['tcp', 'udp'] as const) await host.peer.echo(protocol, ECHO_PORT);
    await lab.serve([
      ...bothFamilies(server, PLAIN_PORT, ECHO_PORT, false),
      ...bothFamilies(server, MASQUERADED_PORT, ECHO_PORT, true),
      ...bothFamilies(server, IPERF_PORT, IPERF_PORT, true),
    ]);
    const agent = await LabAgent.start(node.namespace, {
      folder: makeFolder(),
      interval: `${INTERVAL_MS}ms`,
      environment: options.agent ?? {},
    });
    const made: OneNode = {
      lab,
      node,
      client,
      server,
      agent,
      async close() {
        await agent.stop();
        await lab.close();
      },
    };
    return made;
  } catch (error) {
    await lab.close();
    throw error;
  }
}

function bothFamilies(server: Host, port: number, backendPort: number, masquerade: boolean): Service[] {
  const protocols: Protocol[] = ['tcp', 'udp'];
  return protocols.flatMap((protocol) => [
    { address: SERVICE.v4, protocol, port, masquerade, backends: [{ address: server.address, port: backendPort }] },
    { address: SERVICE.v6, protocol, port, masquerade, backends: [{ address: server.address6, port: backendPort }] },
  ]);
}
