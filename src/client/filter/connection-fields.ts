import { protocolName, protocolNumber } from '../../flow/protocol.ts';
import { STATE_NAMES } from '../../flow/state.ts';
import { formatState } from '../format/connection.ts';
import { parseDuration } from '../format/duration.ts';
import { isUnanswered, observedFor } from '../model/connection.ts';
import { listZones } from '../model/zones.ts';
import { booleanField, type FilterField } from './field.ts';
import { compilePattern } from './pattern.ts';
import { compileComparison } from './quantity.ts';

export const protocol: FilterField = {
  names: ['proto', 'protocol'],
  sides: [],
  help: 'the protocol',
  accepts: 'tcp, udp, icmp, icmpv6, sctp, gre, dccp, udplite, unknown (any other), or a number from 0 to 255',
  example: 'proto:udp',
  parse({ text }) {
    const wanted = text.toLowerCase();
    if (wanted === 'unknown') return (connection) => protocolName(connection.protocol) === wanted;
    // "ip/50", as tables show protocols without a name.
    const number = protocolNumber(wanted.replace(/^ip\//, ''));
    return number === undefined ? undefined : (connection) => connection.protocol === number;
  },
};

export const age: FilterField = {
  names: ['age'],
  sides: [],
  help: 'how long ago the connection began; of one that is older than kflow knows, the least that it can be',
  accepts: 'a comparison as <10s, >5m or >=1h30m; without a sign, at least that',
  example: 'age:<10s',
  parse({ text }) {
    const fits = compileComparison(text, parseDuration);
    if (fits === undefined) return undefined;
    // An age that is only known as a minimum can match ">", but never "<".
    const isLowerBound = fits(Number.MAX_VALUE);
    return (connection, now) => {
      const seconds = observedFor(connection, now);
      return seconds !== undefined && (connection.startedAt !== undefined || isLowerBound) && fits(seconds * 1000);
    };
  },
};

export const assured = booleanField(
  'assured',
  'whether the kernel keeps it when its table is full',
  (connection) => connection.assured,
);

export const family: FilterField = {
  names: ['family'],
  sides: [],
  help: 'IPv4 or IPv6',
  accepts: '4 or 6',
  example: 'family:6',
  parse({ text }) {
    const wanted = /^(?:ipv?)?([46])$/i.exec(text)?.[1];
    return wanted === undefined ? undefined : (connection) => connection.family === Number(wanted);
  },
};

export const mark: FilterField = {
  names: ['mark'],
  sides: [],
  help: 'the connection mark, or some of its bits',
  accepts: 'a number as 42 or 0x4000, or one with a mask as 0x4000/0x4000',
  example: 'mark:0x4000/0x4000',
  parse({ text }) {
    const parts = /^(0x[0-9a-f]{1,8}|\d{1,10})(?:\/(0x[0-9a-f]{1,8}|\d{1,10}))?$/i.exec(text);
    if (!parts) return undefined;
    const wanted = Number(parts[1]);
    const mask = parts[2] === undefined ? 0xffff_ffff : Number(parts[2]);
    if (wanted > 0xffff_ffff || mask > 0xffff_ffff) return undefined;
    return (connection) => (connection.mark & mask) >>> 0 === wanted;
  },
};

export const offloaded = booleanField(
  'offloaded',
  'whether a flow table forwards it past the state machine',
  (connection) => connection.offloaded,
);

export const replied = booleanField('replied', 'whether an answer was seen', (connection) => connection.replied);

export const stale = booleanField(
  'stale',
  'whether only agents that are stale or lost know of it',
  (connection) => connection.stale,
);

/** Flags that are shown instead of a state for protocols without one. */
const HINTS = ['UNREPLIED', 'REPLIED', 'ASSURED', 'OFFLOADED'];

export const state: FilterField = {
  names: ['state'],
  sides: [],
  help: 'the state, as it is shown',
  accepts: 'a state as established, syn_sent, time_wait or unreplied, with * for any text',
  example: 'state:syn_sent,syn_recv',
  parse({ text, quoted }) {
    const fits = compilePattern({ text: text.replaceAll('-', '_'), quoted }, 'same');
    if (![...STATE_NAMES.slice(1), ...HINTS].some(fits)) return undefined;
    return (connection) => fits(formatState(connection));
  },
};

export const zone: FilterField = {
  names: ['zone'],
  sides: [],
  help: 'a conntrack zone that it passed',
  accepts: 'a number from 0 to 65535',
  example: 'zone:0',
  parse({ text }) {
    if (!/^\d{1,5}$/.test(text) || Number(text) > 65_535) return undefined;
    const wanted = Number(text);
    return (connection) => listZones(connection).includes(wanted);
  },
};

export const disputed = booleanField(
  'disputed',
  'whether agents contradict each other about it',
  (connection) => connection.disputed !== undefined,
);

export const incomplete = booleanField(
  'incomplete',
  'whether what another node saw of it is missing',
  (connection) => connection.incomplete !== undefined,
);

export const unanswered = booleanField(
  'unanswered',
  'whether it is a request (SYN, DNS, ping) that gets no reply',
  isUnanswered,
);
