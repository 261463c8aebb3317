import { SEQUENCE } from './message-source.ts';
import { NetlinkError } from './netlink-error.ts';
import { AnswerReader, encodeRequest, NO_SINK } from './parse/messages.ts';
import * as nl from './parse/numbers.ts';
import { NetlinkSocket, RECEIVE_BYTES, type SocketCalls } from './socket.ts';

/** The reply to a request other than a dump arrives at once, in two buffers at most. */
const MAX_BUFFERS = 8;

/** Returns "ok" if the kernel answers a request about the table; else the cause and the next step. */
export function probeNetlink(calls: SocketCalls): string {
  let socket: NetlinkSocket | undefined;
  try {
    socket = new NetlinkSocket(calls);
    socket.send(encodeRequest(nl.CT_GET_STATS, nl.NLM_F_ACK, SEQUENCE));
    const answer = new AnswerReader(SEQUENCE, NO_SINK);
    const buffer = new Uint8Array(RECEIVE_BYTES);
    for (let buffers = 0; buffers < MAX_BUFFERS; buffers++) {
      const count = socket.receive(buffer);
      if (count === 0) break;
      const end = answer.read(buffer.subarray(0, count));
      if (end === 0) return 'ok';
      if (end !== undefined) throw new NetlinkError(end, 'probe');
    }
    return 'the kernel does not answer';
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  } finally {
    socket?.close();
  }
}
