import { type Connection, isUnanswered } from '../model/connection.ts';

/** Bytes per second, both directions; undefined when neither is known. */
export function rateOf(connection: Connection): number | undefined {
  const { sentRate, receivedRate } = connection;
  if (sentRate === undefined) return receivedRate;
  return receivedRate === undefined ? sentRate : sentRate + receivedRate;
}

/** The same, now: what only stale or lost agents know is old, and part of no sum. */
export function currentRate(connection: Connection): number | undefined {
  return connection.stale ? undefined : rateOf(connection);
}

/** A sum of what may be unknown: unknown until the first that is known. */
export function plus(sum: number | undefined, value: number | undefined): number | undefined {
  if (value === undefined) return sum;
  return sum === undefined ? value : sum + value;
}

/** Sums over connections, of rates over those that are not stale. The rates are bytes per second, sent being from source to destination. */
export class Traffic {
  connections = 0;
  unanswered = 0;
  stale = 0;
  sentRate: number | undefined;
  receivedRate: number | undefined;
  bytes: number | undefined;

  add(connection: Connection, turned = false): void {
    this.connections++;
    if (connection.stale) this.stale++;
    if (isUnanswered(connection)) this.unanswered++;
    if (!connection.stale) {
      this.sentRate = plus(this.sentRate, turned ? connection.receivedRate : connection.sentRate);
      this.receivedRate = plus(this.receivedRate, turned ? connection.sentRate : connection.receivedRate);
    }
    this.bytes = plus(plus(this.bytes, connection.sentBytes), connection.receivedBytes);
  }

  merge(other: Traffic, turned = false): void {
    this.connections += other.connections;
    this.unanswered += other.unanswered;
    this.stale += other.stale;
    this.sentRate = plus(this.sentRate, turned ? other.receivedRate : other.sentRate);
    this.receivedRate = plus(this.receivedRate, turned ? other.sentRate : other.receivedRate);
    this.bytes = plus(this.bytes, other.bytes);
  }

  get rate(): number | undefined {
    return plus(this.sentRate, this.receivedRate);
  }
}

const TOTALS = new WeakMap<readonly Connection[], { readonly rate: number | undefined }>();

/** Of all that is not stale; summed up once for the same list. */
export function totalRate(connections: readonly Connection[]): number | undefined {
  let total = TOTALS.get(connections);
  if (total === undefined) {
    let rate: number | undefined;
    for (const connection of connections) rate = plus(rate, currentRate(connection));
    total = { rate };
    TOTALS.set(connections, total);
  }
  return total.rate;
}

/** How much of something a rate is, from 1 (little) to 5 (the heaviest), by orders of magnitude; 0: nothing or unknown. */

export function heat(rate: number | undefined, heaviest: number): number {
  if (rate === undefined || rate <= 0) return 0;
  if (heaviest <= 0) return 1;
  // Each step down is a factor of about five.
  return Math.max(1, Math.min(5, 5 - Math.floor(Math.log(heaviest / rate) / Math.log(5))));
}
