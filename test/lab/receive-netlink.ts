/**
 * Receives this network namespace's table by netlink and drops it, five times: what reading it costs at the least, through the same
 * calls. Writes the CPU time of each in milliseconds, as JSON.
 */
import { cpuUsage, stdout } from 'node:process';
import { CpuMeter } from '../../src/agent/conntrack/cpu-meter.ts';
import { SocketMessages } from '../../src/agent/conntrack/netlink/message-source.ts';
import { LITTLE_ENDIAN, NLMSG_DONE } from '../../src/agent/conntrack/netlink/parse/numbers.ts';
import { loadSocketCalls } from '../../src/agent/conntrack/netlink/socket.ts';

const DUMPS = 5;
const messages = new SocketMessages(await loadSocketCalls());
const costs: number[] = [];
for (let dump = 0; dump < DUMPS; dump++) {
  const before = cpuUsage();
  for await (const buffer of messages.request('entries', new CpuMeter())) {
    // The end of a dump has a buffer of its own.
    if (new DataView(buffer.buffer, buffer.byteOffset).getUint16(4, LITTLE_ENDIAN) === NLMSG_DONE) break;
  }
  const { user, system } = cpuUsage(before);
  costs.push((user + system) / 1000);
}
stdout.write(JSON.stringify(costs));
