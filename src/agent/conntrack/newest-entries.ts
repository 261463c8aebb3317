import type { SettingState } from '../../wire/agent.ts';
import type { ConntrackEntry } from './entry.ts';

/**
 * What the entries that began last tell of the kernel's settings. Counters and time stamps belong to an entry from its beginning:
 * older ones tell how things were set then, not how they are now.
 */
export class NewestEntries {
  /** Undefined: none has begun since this table is polled. */
  accounting: SettingState | undefined;
  timestamping: SettingState | undefined;

  /** An entry that the poll before did not have. */
  observe({ counters, age }: ConntrackEntry): void {
    this.accounting = Number.isNaN(counters[1]) ? 'off' : 'on';
    this.timestamping = age < 0 ? 'off' : 'on';
  }

  /** A table that nobody polled for a while tells nothing of now. */
  reset(): void {
    this.accounting = undefined;
    this.timestamping = undefined;
  }
}
