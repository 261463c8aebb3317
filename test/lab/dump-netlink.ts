/** Writes what the kernel answers to a request for this network namespace's table, as base64, a line a buffer: for `record-tables`. */
import { stdout } from 'node:process';
import { CpuMeter } from '../../src/agent/conntrack/cpu-meter.ts';
import { SEQUENCE, SocketMessages } from '../../src/agent/conntrack/netlink/message-source.ts';
import { AnswerReader } from '../../src/agent/conntrack/netlink/parse/messages.ts';
import { loadSocketCalls } from '../../src/agent/conntrack/netlink/socket.ts';

const answer = new AnswerReader(SEQUENCE, { message: () => {}, malformed: () => {} });
for await (const buffer of new SocketMessages(await loadSocketCalls()).request('entries', new CpuMeter())) {
  stdout.write(`${Buffer.from(buffer).toString('base64')}\n`);
  if (answer.read(buffer) !== undefined) break;
}
