/** One entry of the kernel's table, as a source passes it to the `EntrySink`. The object is reused: copy what you keep. */
export interface ConntrackEntry {
  /**
   * A 64-bit hash, as two signed halves, of the entry's identity (both tuples, protocol, zone). Outsiders cannot predict it.
   * Entries with the same tuples have the same hash while the agent runs.
   */
  readonly low: number;
  readonly high: number;
  readonly family: number;
  readonly protocol: number;
  readonly state: number;
  /** Flags of `flow/columns.ts`: REPLIED, ASSURED … */
  readonly flags: number;
  readonly zone: number;
  readonly mark: number;
  /** Seconds; -1 if the kernel printed none. */
  readonly timeout: number;
  /** Seconds since the connection began; -1 if the kernel keeps no timestamps. */
  readonly age: number;
  /**
   * The kernel's 32-bit id of the entry; 0 if unknown. A different id means a different connection. The same id does not prove
   * the same connection, because the id depends on the entry's place in memory.
   */
  readonly kernelId: number;
  /** Laid out as in the table's rows: original, then reply. */
  readonly ports: Uint16Array;
  /** Original packets and bytes, reply packets and bytes; NaN if the kernel does not count. */
  readonly counters: Float64Array;
  /** Writes the four addresses. Returns false if one is invalid. Called only for an unknown entry. */
  writeAddresses(bytes: Uint8Array, at: number): boolean;
}

/** Receives the entries of a poll, in the order of the table. */
export interface EntrySink {
  /** Lines (or messages) of this poll that could not be parsed. */
  unparsed: number;
  /** One of the unparsed lines or messages, safe to display. */
  unparsedSample: string | undefined;
  /** No poll has completed, so it is worth reserving capacity. */
  readonly isEmpty: boolean;
  reserve(entries: number): void;
  /** Call it before the entries of each chunk read. Reading a large table takes a while, and rates need the exact time. */
  readAt(monotonicMs: number): void;
  /** Returns false, and takes nothing, unless the entry is surely unchanged since the last poll. The caller then parses and adds it. */
  addUnchanged(fingerprint: LineFingerprint): boolean;
  add(entry: ConntrackEntry, fingerprint?: LineFingerprint): void;
}

/** What is known about an entry before it is parsed. The object is reused. */
export interface LineFingerprint {
  /** A 64-bit hash of everything that the kernel printed of the entry except for the timeout. The halves are never both 0. */
  readonly low: number;
  readonly high: number;
  /** Seconds; -1 if the kernel printed none. */
  readonly timeout: number;
}
