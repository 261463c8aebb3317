import { type Connection, isUnanswered } from '../model/connection.ts';

/** Bytes per second, both directions; undefined when neither is known. */
export function sumRates(connection: Connection): number | undefined {
  const { sentRate, receivedRate } = connection;
  if (sentRate === undefined) return receivedRate;
  return receivedRate === undefined ? sentRate : sentRate + receivedRate;
}

/** The same for sums: data of stale or lost agents is old and does not count. */
export function currentRate(connection: Connection): number | undefined {
  return connection.stale ? undefined : sumRates(connection);
}

/** A sum with unknown values: unknown until the first known value. */
export function addKnown(sum: number | undefined, value: number | undefined): number | undefined {
  if (value === undefined) return sum;
  return sum === undefined ? value : sum + value;
}

/** Sums over connections, of rates over those that are not stale. The rates are bytes per second, sent being from source to destination. */
export class TrafficSummary {
  connections = 0;
  unanswered = 0;
  stale = 0;
  sentRate: number | undefined;
  receivedRate: number | undefined;
  bytes: number | undefined;

  add(connection: Connection, reversed = false): void {
    this.connections++;
    if (connection.stale) this.stale++;
    if (isUnanswered(connection)) this.unanswered++;
    if (!connection.stale) {
      this.sentRate = addKnown(this.sentRate, reversed ? connection.receivedRate : connection.sentRate);
      this.receivedRate = addKnown(this.receivedRate, reversed ? connection.sentRate : connection.receivedRate);
    }
    this.bytes = addKnown(addKnown(this.bytes, connection.sentBytes), connection.receivedBytes);
  }

  merge(other: TrafficSummary, reversed = false): void {
    this.connections += other.connections;
    this.unanswered += other.unanswered;
    this.stale += other.stale;
    this.sentRate = addKnown(this.sentRate, reversed ? other.receivedRate : other.sentRate);
    this.receivedRate = addKnown(this.receivedRate, reversed ? other.sentRate : other.receivedRate);
    this.bytes = addKnown(this.bytes, other.bytes);
  }

  get rate(): number | undefined {
    return addKnown(this.sentRate, this.receivedRate);
  }
}

const TOTALS = new WeakMap<readonly Connection[], { readonly rate: number | undefined }>();

/** The total without stale connections; cached for the same list. */
export function totalRate(connections: readonly Connection[]): number | undefined {
  let total = TOTALS.get(connections);
  if (total === undefined) {
    let rate: number | undefined;
    for (const connection of connections) rate = addKnown(rate, currentRate(connection));
    total = { rate };
    TOTALS.set(connections, total);
  }
  return total.rate;
}

/** The level of a rate compared to the heaviest, from 1 (little) to 5, by orders of magnitude; 0: none or unknown. */

export function rateLevel(rate: number | undefined, heaviest: number): number {
  if (rate === undefined || rate <= 0) return 0;
  if (heaviest <= 0) return 1;
  // Each step down is a factor of about five.
  return Math.max(1, Math.min(5, 5 - Math.floor(Math.log(heaviest / rate) / Math.log(5))));
}
