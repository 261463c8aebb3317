import type { Connection } from '../model.ts';
import { askedOf, targetText, workloadText } from './ends.ts';
import { groupBy } from './group-by.ts';
import { Lasting } from './lasting.ts';
import type { Clock, Moment } from './problem.ts';

/** Asked this long ago without an answer, connections are overdue: a lost SYN was sent again by then, and answered. */
const OVERDUE_MS = 1500;
/** Who asked within this time is asking now, whatever others get. */
const RECENT_MS = 10_000;
/** One answer that is missing among others that come is a packet that was lost; so many are a fault. */
const SEVERAL = 3;

export interface Asking {
  /** Somebody asked. */
  isAsking(connection: Connection): boolean;
  isAnswered(connection: Connection): boolean;
  /** Who asked longer ago than this has given up: the entry only lingers. */
  readonly patienceMs: number;
  /** How long the kernel keeps an entry after the last packet that it counts, unless it is set otherwise. */
  readonly keptMs: number;
}

/** Connections to one destination that get no answer. */
export interface Silence {
  readonly target: string;
  readonly connections: ReadonlySet<number>;
  readonly sources: ReadonlySet<string>;
  /** What stands behind a service, and is silent. */
  readonly backends: ReadonlySet<string>;
  readonly example: Connection;
}

interface Sending {
  /** By the agent's clock. */
  at: number;
  packets: number | undefined;
  expiresAt: number | undefined;
}

/**
 * Finds destinations that do not answer now. The kernel keeps what nobody answered for long after a fault is mended
 * (a SYN: 120 s), and does not say when it was sent again. So a connection counts while its client is still likely to
 * wait, and only as long as the same client gets no answer from there to what it asked later.
 */
export class Silences {
  readonly #asking: Asking;
  readonly #lasting = new Lasting();
  readonly #sending = new Map<number, Sending>();
  /** Agents of which there has been a table before. */
  #known = new Set<string>();

  constructor(asking: Asking) {
    this.#asking = asking;
  }

  find(moment: Moment): Silence[] {
    const overdue: { readonly connection: Connection; readonly idleMs: number }[] = [];
    const waiting = new Set<number>();
    for (const connection of moment.snapshot.connections) {
      // Most are answered, and that is soon seen.
      if (connection.replied || !this.#asking.isAsking(connection)) continue;
      const clock = moment.clock(connection);
      if (clock === undefined) continue;
      waiting.add(connection.id);
      const lastingMs = this.#lasting.note(connection, clock);
      const idleMs = clock.at - this.#sentAt(connection, clock);
      if (lastingMs >= OVERDUE_MS && idleMs < this.#asking.patienceMs) overdue.push({ connection, idleMs });
    }
    this.#lasting.endRound();
    for (const id of this.#sending.keys()) if (!waiting.has(id)) this.#sending.delete(id);
    this.#known = new Set(moment.live.filter(({ flows }) => flows !== undefined).map(({ key }) => key));
    if (overdue.length === 0) return [];
    const answers = this.#answers(
      moment,
      overdue.map(({ connection }) => connection),
    );
    const isOutdated = (connection: Connection) =>
      (answers.get(wayOf(connection)) ?? Number.NEGATIVE_INFINITY) > connection.firstSeenAt;
    const groups = groupBy(overdue, ({ connection }) => targetText(connection));
    return [...groups].flatMap(([target, group]) => {
      const recent = group.filter(({ idleMs }) => idleMs < RECENT_MS);
      const some = recent.length >= SEVERAL ? new Set(recent) : new Set();
      const counted = group.filter((one) => some.has(one) || !isOutdated(one.connection));
      return counted.length === 0
        ? []
        : [
            silenceOf(
              target,
              counted.map(({ connection }) => connection),
            ),
          ];
    });
  }

  /** When it was last seen to send, by the agent's clock. */
  #sentAt(connection: Connection, clock: Clock): number {
    const { id, sentPackets, expiresAt } = connection;
    const before = this.#sending.get(id);
    if (before === undefined) {
      // One that was there before anybody looked may have been sent long ago: its timeout tells.
      const leftMs = expiresAt === undefined ? this.#asking.keptMs : expiresAt * 1000 - clock.at;
      const ago = this.#known.has(clock.agent) ? 0 : Math.max(0, this.#asking.keptMs - leftMs);
      this.#sending.set(id, { at: clock.at - ago, packets: sentPackets, expiresAt });
      return clock.at - ago;
    }
    // Kernels before 5.12 count each SYN and begin the timeout anew; for UDP all do.
    const sentMore = (sentPackets ?? 0) > (before.packets ?? Number.POSITIVE_INFINITY);
    const keptLonger = (expiresAt ?? 0) > (before.expiresAt ?? Number.POSITIVE_INFINITY) + 1;
    if (sentMore || keptLonger) before.at = clock.at;
    before.packets = sentPackets;
    before.expiresAt = expiresAt;
    return before.at;
  }

  /** When the last connection that was answered began, by way: of the ways of these connections. */
  #answers({ snapshot }: Moment, unanswered: readonly Connection[]): Map<string, number> {
    const answers = new Map<string, number>();
    const ways = new Set(unanswered.map(wayOf));
    const sources = new Set(unanswered.map(({ source }) => source.address));
    for (const connection of snapshot.connections) {
      if (!sources.has(connection.source.address) || !this.#asking.isAnswered(connection)) continue;
      for (const way of waysOf(connection))
        if (ways.has(way)) answers.set(way, Math.max(answers.get(way) ?? 0, connection.firstSeenAt));
    }
    return answers;
  }
}

/** Who asks whom: the backend, where it is known which one. */
function wayOf({ source, destination, destinationPort }: Connection): string {
  return `${source.address} ${destination.address} ${destinationPort ?? ''}`;
}

function waysOf(connection: Connection): string[] {
  const { source, service } = connection;
  if (service === undefined) return [wayOf(connection)];
  const { address, port } = askedOf(connection);
  return [wayOf(connection), `${source.address} ${address} ${port ?? ''}`];
}

function silenceOf(target: string, connections: readonly Connection[]): Silence {
  const [example] = connections as readonly [Connection];
  return {
    target,
    connections: new Set(connections.map(({ id }) => id)),
    sources: new Set(connections.map(({ source }) => workloadText(source))),
    backends: new Set(connections.flatMap((one) => (one.service === undefined ? [] : [one.destination.address]))),
    example,
  };
}
