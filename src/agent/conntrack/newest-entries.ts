import type { SettingState } from '../../wire/agent.ts';
import type { ConntrackEntry } from './entry.ts';

/**
 * Derives the kernel's settings from the newest entries. An entry gets counters and timestamps when it begins, so older entries
 * show past settings, not the current ones.
 */
export class NewestEntries {
  /** Undefined: no connection began while this table was polled. */
  accounting: SettingState | undefined;
  timestamping: SettingState | undefined;

  /** Takes an entry that was not in the previous poll. */
  observe({ counters, age }: ConntrackEntry): void {
    this.accounting = Number.isNaN(counters[1]) ? 'off' : 'on';
    this.timestamping = age < 0 ? 'off' : 'on';
  }

  /** Forgets the settings: after a pause in polling they may be outdated. */
  reset(): void {
    this.accounting = undefined;
    this.timestamping = undefined;
  }
}
