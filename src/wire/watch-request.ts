import { parseCidr } from '../flow/address.ts';
import type { FlowFilter } from '../flow/filter.ts';
import { protocolName, protocolNumber } from '../flow/protocol.ts';
import { STATE_NAMES } from '../flow/state.ts';
import type { WatchFlowsRequest__Output } from './gen/kflow/v1/WatchFlowsRequest.ts';

/** The decoded request of a subscriber. */
export interface WatchRequest {
  readonly filter: FlowFilter;
  readonly snapshotOnly: boolean;
  /** 0: no limit. */
  readonly maxFlows: number;
  /** 0: every poll. */
  readonly minIntervalMs: number;
}

/** An invalid request. `reason` names the field and the value. */
export interface InvalidRequest {
  readonly reason: string;
}

/** Each row is compared with each block: more blocks would hold the agent's event loop. */
const MAX_CIDRS = 256;
const UNNAMED = Array.from({ length: 256 }, (_, number) => number).filter(
  (number) => protocolName(number) === 'unknown',
);

export function decodeRequest(request: WatchFlowsRequest__Output): WatchRequest | InvalidRequest {
  const { protocols = [], ports = [], cidrs = [], states = [], minBytesPerSecond = 0 } = request.filter ?? {};
  const numbers: number[] = [];
  for (const text of protocols) {
    const number = protocolNumber(text);
    if (number !== undefined) numbers.push(number);
    else if (text === 'unknown') numbers.push(...UNNAMED);
    else return refuse('protocols', quoted(text), 'is neither a protocol ("tcp", "udp" …) nor a number from 0 to 255');
  }
  for (const port of ports)
    if (port < 1 || port > 0xffff) return refuse('ports', String(port), 'is no port: 1 to 65535');
  if (cidrs.length > MAX_CIDRS) return refuse('cidrs', `${cidrs.length} blocks`, `are more than ${MAX_CIDRS}`);
  const blocks = [];
  for (const text of cidrs) {
    const block = parseCidr(text);
    if (block === undefined)
      return refuse('cidrs', quoted(text), 'is neither a block ("10.0.0.0/8", "2001:db8::/32") nor an address');
    blocks.push(block);
  }
  for (const state of states) if (!(state in STATE_NAMES)) return refuse('states', String(state), 'is no FlowState');
  if (!(minBytesPerSecond >= 0 && minBytesPerSecond < Infinity))
    return refuse('min_bytes_per_second', String(minBytesPerSecond), 'is no rate: 0 or more');
  return {
    filter: { protocols: numbers, ports, cidrs: blocks, states, minRate: minBytesPerSecond },
    snapshotOnly: request.snapshotOnly ?? false,
    maxFlows: request.maxFlows ?? 0,
    minIntervalMs: request.minIntervalMs ?? 0,
  };
}

function refuse(field: string, value: string, why: string): InvalidRequest {
  return { reason: `filter.${field}: ${value} ${why}` };
}

/** Quotes untrusted text for a message: about 60 characters at most, without control characters. */
function quoted(text: string): string {
  const short = text.length > 60 ? `${text.slice(0, 60)}…` : text;
  // JSON.stringify leaves some control characters unescaped.
  return JSON.stringify(short).replace(/[\p{Cc}\p{Cf}]/gu, '\ufffd');
}
