import { AddressColumn } from './address-column.ts';
import { CounterColumn } from './counter-column.ts';
import { growArray } from './grow-array.ts';

/** A row has four port cells, from `slot * ROW_PORTS` on: two per tuple. ICMP stores (type << 8 | code, id) in them. */
export const ROW_PORTS = 4;

export const REPLIED = 1;
export const ASSURED = 2;
/** The kernel prints [OFFLOAD] instead of [ASSURED], so the assured flag is unknown. */
export const ASSURED_UNKNOWN = 4;
export const OFFLOADED = 8;
export const HARDWARE_OFFLOADED = 16;
/** The zone applies to one direction only. */
export const ZONE_ORIGINAL = 32;
export const ZONE_REPLY = 64;
/**
 * The kernel printed ports (for GRE, keys). It prints none for a protocol that it has no tracker for; without its tracker, this
 * includes SCTP.
 */
export const HAS_PORTS = 128;
/** `firstSeenAt` is when the connection began. Without this flag, the connection is at least that old. */
export const START_KNOWN = 256;
/** The flags that are part of a flow's identity. */
export const IDENTITY_FLAGS = ZONE_ORIGINAL | ZONE_REPLY | HAS_PORTS;
/** The flags that never change during a flow's life. Updates do not carry them. */
export const LASTING_FLAGS = IDENTITY_FLAGS | START_KNOWN;

/** In `expiresAt`: the kernel did not print a timeout. */
export const NO_EXPIRY = 0;

/** An unknown counter or rate is NaN, so that no sum or comparison silently treats it as 0. */
export const UNKNOWN_VALUE = Number.NaN;

/**
 * The cells of a table: one typed array per column, one slot per row. `grow` replaces the arrays: do not keep a reference across
 * a call that may insert.
 */
export class FlowColumns {
  capacity = 0;
  id = new Float64Array(0);
  family = new Uint8Array(0);
  protocol = new Uint8Array(0);
  state = new Uint8Array(0);
  flags = new Uint16Array(0);
  zone = new Uint16Array(0);
  mark = new Uint32Array(0);
  readonly addresses = new AddressColumn();
  ports = new Uint16Array(0);
  /** Packets and bytes since the connection began. */
  readonly originalPackets = new CounterColumn();
  readonly originalBytes = new CounterColumn();
  readonly replyPackets = new CounterColumn();
  readonly replyBytes = new CounterColumn();
  /** Bytes per second, between the last two polls. A rate is exact to fewer than the seven digits of a float. */
  originalRate = new Float32Array(0);
  replyRate = new Float32Array(0);
  /** Unix time in seconds at which the entry expires unless a packet arrives. */
  expiresAt = new Uint32Array(0);
  /** Unix time in milliseconds: the start of the connection if START_KNOWN is set, else the first poll that saw it. */
  firstSeenAt = new Float64Array(0);
  /** The versions that added the row, last changed its statistics, last changed the rest, and removed it (0: not removed). */
  addedVersion = new Uint32Array(0);
  statsVersion = new Uint32Array(0);
  stateVersion = new Uint32Array(0);
  removedVersion = new Uint32Array(0);

  grow(capacity: number): void {
    for (const _ of this.growChunked(capacity));
  }

  /** Like `grow`, in steps of a few milliseconds, for a large table. Between two steps others may read the table, but nobody may insert. */
  *growChunked(capacity: number): Generator<void> {
    this.id = growArray(this.id, capacity);
    this.family = growArray(this.family, capacity);
    this.protocol = growArray(this.protocol, capacity);
    this.state = growArray(this.state, capacity);
    this.flags = growArray(this.flags, capacity);
    this.zone = growArray(this.zone, capacity);
    this.mark = growArray(this.mark, capacity);
    yield;
    this.addresses.grow(capacity);
    yield;
    this.ports = growArray(this.ports, capacity * ROW_PORTS);
    this.originalPackets.grow(capacity);
    this.originalBytes.grow(capacity);
    yield;
    this.replyPackets.grow(capacity);
    this.replyBytes.grow(capacity);
    yield;
    this.originalRate = growArray(this.originalRate, capacity);
    this.replyRate = growArray(this.replyRate, capacity);
    yield;
    this.expiresAt = growArray(this.expiresAt, capacity);
    this.firstSeenAt = growArray(this.firstSeenAt, capacity);
    yield;
    this.addedVersion = growArray(this.addedVersion, capacity);
    this.statsVersion = growArray(this.statsVersion, capacity);
    this.stateVersion = growArray(this.stateVersion, capacity);
    this.removedVersion = growArray(this.removedVersion, capacity);
    this.capacity = capacity;
  }

  /** Returns the rate of both directions in bytes per second. NaN if neither is known. */
  rate(slot: number): number {
    const original = this.originalRate[slot] as number;
    const reply = this.replyRate[slot] as number;
    if (Number.isNaN(original)) return reply;
    return Number.isNaN(reply) ? original : original + reply;
  }
}
