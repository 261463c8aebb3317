import { type Connection, isUnanswered } from '../model/connection.ts';
import { TrafficSummary } from '../traffic/traffic.ts';

/** Columns of a row. A value that may be unknown has two: its sum, and how many connections have it. */
const CONNECTIONS = 0;
const UNANSWERED = 1;
const STALE = 2;
const SENT = 3;
const SENT_KNOWN = 4;
const RECEIVED = 5;
const RECEIVED_KNOWN = 6;
const BYTES = 7;
const BYTES_KNOWN = 8;
const COLUMNS = 9;

// Rates are summed as multiples of this unit, so that subtracting what was added leaves exactly 0.
const PARTS = 1024;

/** A connection's part of a sum. */
export interface TrafficDelta {
  unanswered: number;
  stale: number;
  sent: number;
  sentKnown: number;
  received: number;
  receivedKnown: number;
  bytes: number;
  bytesKnown: number;
}

export function emptyDelta(): TrafficDelta {
  return { unanswered: 0, stale: 0, sent: 0, sentKnown: 0, received: 0, receivedKnown: 0, bytes: 0, bytesKnown: 0 };
}

/** Fills in a connection's part. */
export function deltaOf(connection: Connection, share: TrafficDelta): void {
  const { stale, sentBytes, receivedBytes } = connection;
  const sentRate = stale ? undefined : connection.sentRate;
  const receivedRate = stale ? undefined : connection.receivedRate;
  share.unanswered = isUnanswered(connection) ? 1 : 0;
  share.stale = stale ? 1 : 0;
  share.sentKnown = sentRate === undefined ? 0 : 1;
  share.sent = sentRate === undefined ? 0 : Math.round(sentRate * PARTS);
  share.receivedKnown = receivedRate === undefined ? 0 : 1;
  share.received = receivedRate === undefined ? 0 : Math.round(receivedRate * PARTS);
  share.bytesKnown = sentBytes === undefined && receivedBytes === undefined ? 0 : 1;
  share.bytes = (sentBytes ?? 0) + (receivedBytes ?? 0);
}

/** Rows of sums over connections, which can be added and subtracted. */
export class TrafficSums {
  #sums = new Float64Array(COLUMNS * 256);
  #rows = 0;

  /** Adds a row of zeros. */
  addRow(): number {
    const row = this.#rows++;
    if ((row + 1) * COLUMNS > this.#sums.length) {
      const grown = new Float64Array(this.#sums.length * 2);
      grown.set(this.#sums);
      this.#sums = grown;
    }
    return row;
  }

  /** `sign`: 1 to add, −1 to take away; `reversed`: bytes that the connection sent count as received by the row. */
  add(row: number, share: TrafficDelta, sign: 1 | -1, reversed: boolean): void {
    const sums = this.#sums;
    const at = row * COLUMNS;
    const [sent, received] = reversed ? [RECEIVED, SENT] : [SENT, RECEIVED];
    sums[at + CONNECTIONS] = (sums[at + CONNECTIONS] as number) + sign;
    sums[at + UNANSWERED] = (sums[at + UNANSWERED] as number) + sign * share.unanswered;
    sums[at + STALE] = (sums[at + STALE] as number) + sign * share.stale;
    sums[at + sent] = (sums[at + sent] as number) + sign * share.sent;
    sums[at + sent + 1] = (sums[at + sent + 1] as number) + sign * share.sentKnown;
    sums[at + received] = (sums[at + received] as number) + sign * share.received;
    sums[at + received + 1] = (sums[at + received + 1] as number) + sign * share.receivedKnown;
    sums[at + BYTES] = (sums[at + BYTES] as number) + sign * share.bytes;
    sums[at + BYTES_KNOWN] = (sums[at + BYTES_KNOWN] as number) + sign * share.bytesKnown;
  }

  connections(row: number): number {
    return this.#sums[row * COLUMNS + CONNECTIONS] as number;
  }

  traffic(row: number): TrafficSummary {
    const at = row * COLUMNS;
    const sum = (column: number) => this.#sums[at + column] as number;
    const traffic = new TrafficSummary();
    traffic.connections = sum(CONNECTIONS);
    traffic.unanswered = sum(UNANSWERED);
    traffic.stale = sum(STALE);
    if (sum(SENT_KNOWN) > 0) traffic.sentRate = sum(SENT) / PARTS;
    if (sum(RECEIVED_KNOWN) > 0) traffic.receivedRate = sum(RECEIVED) / PARTS;
    if (sum(BYTES_KNOWN) > 0) traffic.bytes = sum(BYTES);
    return traffic;
  }
}
