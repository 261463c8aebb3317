import { type CleanText, joined, sentence } from '../format/sanitize.ts';
import type { AddressPort } from '../model/connection.ts';
import { MAX_DISPUTES_AT_PAIR } from '../model/limits.ts';
import type { AddressOwners, NameResolver } from '../names/name-resolver.ts';
import type { AddressOwnersCache } from './address-owners.ts';
import type { Authority } from './authority.ts';
import { type Component, type EntryGraph, NONE } from './entry-graph.ts';
import type { TupleInterner } from './tuple-interner.ts';

/** Refused entries, and the contradicting statements. */
export interface Disputed {
  /** The statement of each refused entry, and the statement against it. */
  readonly refused: ReadonlyMap<number, CleanText>;
  /** The same by pair, for all entries that are refused there. */
  readonly atPair: ReadonlyMap<number, readonly CleanText[]>;
}

/** The statements about a pair by the nodes of its source and destination. */
interface Statements {
  readonly source: AddressOwners | undefined;
  readonly destination: AddressOwners | undefined;
  /** From entries of the source's node: the pairs that it continues as (itself: unchanged), and that it came as. */
  readonly sentAs: Set<number>;
  readonly cameAs: Set<number>;
  /** From entries of the destination's node: the pairs that it continues as there. */
  readonly receivedAs: Set<number>;
}

/** At most this many statements are shown for one connection. */
const MAX_STATEMENTS = 3;

/**
 * Finds translations that an agent has no authority for. An agent is believed about its node: an address that Kubernetes knows as that of a
 * pod or node elsewhere is an end, which it must not translate past, or to. And if the source's or the destination's node
 * reports a pair's translation, no other agent may contradict it. The result depends on entries and owners only.
 */
export class Disputes {
  readonly #entries: EntryGraph;
  readonly #pairs: TupleInterner;
  readonly #owners: AddressOwnersCache;
  readonly #authority: Authority;

  constructor(entries: EntryGraph, pairs: TupleInterner, owners: AddressOwnersCache, authority: Authority) {
    this.#entries = entries;
    this.#pairs = pairs;
    this.#owners = owners;
    this.#authority = authority;
  }

  /** Undefined: nothing is disputed. */
  find({ members }: Component, names: NameResolver): Disputed | undefined {
    if (names.owners === undefined || !this.#isFromSeveralNodes(members)) return undefined;
    // A fast path for the usual case.
    if (!this.#hasForeignTranslation(members, names)) return undefined;
    const { enter, leave } = this.#entries;
    const known = new Map<number, Statements>();
    const at = (pair: number) => {
      const statements = known.get(pair) ?? this.#statementsAt(pair, names);
      known.set(pair, statements);
      return statements;
    };
    const refused = new Map<number, CleanText>();
    const atPair = new Map<number, CleanText[]>();
    for (const entry of members) {
      const [from, to] = [enter[entry] as number, leave[entry] as number];
      const node = this.#authority.nodeOf(entry);
      if (from === to || node === undefined || this.#isOwnTraffic(entry, names)) continue;
      const onward = this.#contradictsOnward(at(from), from, to, node, names);
      const backward = this.#contradictsBackward(at(to), from, to, node, names);
      if (!onward && !backward) continue;
      const statements = [
        ...(onward ? [this.#onwardText(at(from), from, to, node)] : []),
        ...(backward ? [this.#backwardText(at(to), from, to, node)] : []),
      ];
      refused.set(entry, joined(statements, '; '));
      if (onward) add(atPair, from, statements[0]);
      if (backward) add(atPair, to, statements.at(-1));
    }
    return refused.size === 0 ? undefined : { refused, atPair };
  }

  #hasForeignTranslation(members: readonly number[], names: NameResolver): boolean {
    for (const entry of members) if (!this.#isOwnTraffic(entry, names)) return true;
    return false;
  }

  #isFromSeveralNodes(members: readonly number[]): boolean {
    const node = this.#authority.nodeOf(members[0] ?? NONE);
    for (let i = 1; i < members.length; i++) if (this.#authority.nodeOf(members[i] as number) !== node) return true;
    return false;
  }

  /** It translates nothing, or only traffic of its own node: then no other agent can contradict it. */
  #isOwnTraffic(entry: number, names: NameResolver): boolean {
    const from = this.#entries.enter[entry] as number;
    const to = this.#entries.leave[entry] as number;
    if (from === to) return true;
    const node = this.#authority.nodeOf(entry);
    const pairs = this.#pairs;
    const requested = this.#owners.of(pairs.destination(from), names);
    if (requested !== undefined && !isOwnedBy(requested, node)) return false;
    const source = pairs.source(from);
    const sentAs = pairs.source(to);
    const client = this.#owners.of(source, names);
    if (client !== undefined && !isOwnedBy(client, node)) return false;
    const sender = source === sentAs ? client : this.#owners.of(sentAs, names);
    if (sender !== undefined) return isOwnedBy(sender, node);
    if (!this.#isOtherSource(from, to) || this.#owners.of(pairs.destination(to), names) === undefined) return true;
    return PRIVATE.test(pairs.addresses.text(sentAs));
  }

  #statementsAt(pair: number, names: NameResolver): Statements {
    const entries = this.#entries;
    const source = this.#owners.of(this.#pairs.source(pair), names);
    const destination = this.#owners.of(this.#pairs.destination(pair), names);
    const [sentAs, cameAs, receivedAs] = [new Set<number>(), new Set<number>(), new Set<number>()];
    if (source === undefined && destination === undefined) return { source, destination, sentAs, cameAs, receivedAs };
    for (let entry = entries.firstEntering(pair); entry !== NONE; entry = entries.nextEntering(entry)) {
      const node = this.#authority.nodeOf(entry);
      if (isOwnedBy(source, node)) sentAs.add(entries.leave[entry] as number);
      if (isOwnedBy(destination, node)) receivedAs.add(entries.leave[entry] as number);
    }
    for (let entry = entries.firstLeaving(pair); entry !== NONE; entry = entries.nextLeaving(entry))
      if (isOwnedBy(source, this.#authority.nodeOf(entry))) cameAs.add(entries.enter[entry] as number);
    return { source, destination, sentAs, cameAs, receivedAs };
  }

  /** Whether an agent of `node` may not say that `pair` continues as `to`. */
  #contradictsOnward(statements: Statements, pair: number, to: number, node: string, names: NameResolver): boolean {
    const { source, destination, sentAs, cameAs, receivedAs } = statements;
    const isReaddressed = this.#isOtherDestination(pair, to);
    if (destination !== undefined && !isOwnedBy(destination, node)) {
      // A node may forward its own packets to another node's address elsewhere: an external address of a Service.
      const isPast = isReaddressed && (destination.isPod || !isOwnedBy(source, node));
      const isDenied = receivedAs.size > 0 && !receivedAs.has(to) && !isOwnedBy(source, node);
      if (isPast || isDenied) return true;
    }
    if (source === undefined || isOwnedBy(source, node) || sentAs.has(to)) return false;
    if (hasOther(sentAs, pair)) return true;
    // Outside of the cluster no node is on the path.
    const isSeen = sentAs.size > 0 || cameAs.size > 0;
    return (
      isSeen && isReaddressed && destination === undefined && this.#isOutside(this.#pairs.destination(pair), names)
    );
  }

  /** Whether an agent of `node` may not say that `pair` came as `from`. */
  #contradictsBackward(statements: Statements, from: number, pair: number, node: string, names: NameResolver): boolean {
    const { source, destination, sentAs, cameAs, receivedAs } = statements;
    const isOther = this.#isOtherSource(from, pair);
    if (source === undefined)
      return (
        isOther &&
        receivedAs.size > 0 &&
        !isOwnedBy(destination, node) &&
        this.#isOutside(this.#pairs.source(pair), names)
      );
    if (isOwnedBy(source, node) || cameAs.has(from)) return false;
    return isOther || sentAs.size > 0 || cameAs.size > 0;
  }

  #isOtherDestination(a: number, b: number): boolean {
    const pairs = this.#pairs;
    if (pairs.destination(a) !== pairs.destination(b)) return true;
    return pairs.hasPorts(a) && pairs.secondPort(a) !== pairs.secondPort(b);
  }

  #isOtherSource(a: number, b: number): boolean {
    const pairs = this.#pairs;
    if (pairs.source(a) !== pairs.source(b)) return true;
    return pairs.hasPorts(a) && pairs.firstPort(a) !== pairs.firstPort(b);
  }

  /** A public address that does not belong to a Service. */
  #isOutside(address: number, names: NameResolver): boolean {
    const text = this.#pairs.addresses.text(address);
    return !PRIVATE.test(text) && names.endpoint(text, Number.POSITIVE_INFINITY)?.kind !== 'service';
  }

  #onwardText(
    { source, destination, sentAs, receivedAs }: Statements,
    pair: number,
    to: number,
    node: CleanText,
  ): CleanText {
    const here = this.#pairs.forward(pair);
    const said = sentence`${node} says that it continues from ${formatAddressPort(here.destination)} to ${this.#changed(pair, to)}`;
    const other = firstOther(sentAs, pair);
    if (other !== undefined && other !== to)
      return sentence`${said}, ${formatNodes(source)} to ${this.#changed(pair, other)}`;
    const seen = receivedAs.size > 0 ? formatNodes(destination) : sentAs.size > 0 ? formatNodes(source) : undefined;
    if (seen !== undefined) return sentence`${said}, ${seen} that it goes there`;
    return sentence`${said}, which is on ${formatNodes(destination ?? source)}`;
  }

  #backwardText(
    { source, destination, sentAs, cameAs }: Statements,
    from: number,
    pair: number,
    node: CleanText,
  ): CleanText {
    const before = this.#pairs.forward(from);
    const said = sentence`${node} says that it came from ${formatAddressPort(before.source)} to ${formatAddressPort(before.destination)}`;
    const here = this.#pairs.forward(pair);
    const [other] = cameAs;
    const seen = other === undefined ? here : this.#pairs.forward(other);
    const against = sentence`from ${formatAddressPort(seen.source)} to ${formatAddressPort(seen.destination)}`;
    if (source === undefined) return sentence`${said}, ${formatNodes(destination)} ${against}`;
    if (sentAs.size > 0 || cameAs.size > 0) return sentence`${said}, ${formatNodes(source)} ${against}`;
    return sentence`${said}, but ${formatAddressPort(here.source)} is on ${formatNodes(source)}`;
  }

  /** The destination of `to`, and its source if that changes too. */
  #changed(pair: number, to: number): CleanText {
    const { source, destination } = this.#pairs.forward(to);
    return this.#isOtherSource(pair, to)
      ? sentence`${formatAddressPort(destination)} as ${formatAddressPort(source)}`
      : formatAddressPort(destination);
  }
}

/** Addresses that are not used on the internet. */
const PRIVATE =
  /^(10\.|172\.(1[6-9]|2\d|3[01])\.|192\.168\.|100\.(6[4-9]|[7-9]\d|1[01]\d|12[0-7])\.|169\.254\.|127\.|f[cd]|fe[89ab]|::1$)/;

function isOwnedBy(owners: AddressOwners | undefined, node: string | undefined): boolean {
  if (owners === undefined || node === undefined) return false;
  const { nodes } = owners;
  return nodes.length === 1 ? nodes[0] === node : nodes.some((one) => one === node);
}

function formatNodes(owners: AddressOwners | undefined): CleanText {
  return joined(owners?.nodes.toSorted() ?? [], ' and ');
}

/** Formatted addresses contain no text from outside. */
function formatAddressPort({ address, port }: AddressPort): CleanText {
  const host = address.includes(':') && port !== undefined ? `[${address}]` : address;
  return (port === undefined ? host : `${host}:${port}`) as CleanText;
}

/** Keeps those that sort first if there are too many, so that the result does not depend on their order. */
function add(texts: Map<number, CleanText[]>, pair: number, text: CleanText | undefined): void {
  if (text === undefined) return;
  const known = texts.get(pair);
  if (known === undefined) {
    texts.set(pair, [text]);
    return;
  }
  if (known.includes(text)) return;
  known.push(text);
  if (known.length > MAX_DISPUTES_AT_PAIR) known.sort().pop();
}

function hasOther(pairs: ReadonlySet<number>, pair: number): boolean {
  return pairs.size > (pairs.has(pair) ? 1 : 0);
}

function firstOther(pairs: ReadonlySet<number>, pair: number): number | undefined {
  for (const one of pairs) if (one !== pair) return one;
  return undefined;
}

/** The statements about a connection whose entries enter or leave by these pairs. Undefined: none. */
export function describeDispute(pairs: Iterable<number>, { atPair }: Disputed): CleanText | undefined {
  const texts = [...new Set([...new Set(pairs)].flatMap((pair) => atPair.get(pair) ?? []))].sort();
  if (texts.length === 0) return undefined;
  const more = texts.length - MAX_STATEMENTS;
  const reported = joined(texts.slice(0, MAX_STATEMENTS), '; ');
  return more > 0 ? sentence`${reported}; and ${more} more` : reported;
}
