import { setTimeout as delay } from 'node:timers/promises';
import { readTableSize } from '../netlink/netlink-stats.ts';
import { errorCause } from '../table-paths.ts';
import { ReaderMessages } from './reader-messages.ts';

/** The start of an agent waits no longer for its reader's first answer. */
const FIRST_ANSWER_MS = 1_000;

/**
 * Whether the node's reader answers. A socket that is there says little: a reader that was killed leaves it behind. So it is asked for the
 * table's size, and each look at the outcome asks again.
 */
export class ReaderLink {
  readonly messages: ReaderMessages;
  #outcome = 'the reader has not answered yet';
  #asking: Promise<void> | undefined;

  private constructor(path: string) {
    this.messages = new ReaderMessages(path);
  }

  /** Resolves when the reader has answered, or failed, or takes long. */
  static async open(path: string): Promise<ReaderLink> {
    const link = new ReaderLink(path);
    await Promise.race([link.#ask(), delay(FIRST_ANSWER_MS, undefined, { ref: false })]);
    return link;
  }

  /** "ok", or why it could not be asked when it was asked last. */
  probe(): string {
    void this.#ask();
    return this.#outcome;
  }

  /** What it switched on, for people; empty where that is nothing. */
  describeChanges(): string {
    const { accounting, timestamping } = this.messages.settings ?? {};
    const changes = [
      ...(accounting?.isSetByReader ? ['accounting'] : []),
      ...(timestamping?.isSetByReader ? ['time stamps'] : []),
    ];
    return changes.length === 0 ? '' : `, which switched on ${changes.join(' and ')}`;
  }

  #ask(): Promise<void> {
    this.#asking ??= readTableSize(this.messages)
      .then(
        () => 'ok',
        (error: unknown) => errorCause(error, this.messages.path),
      )
      .then((outcome) => {
        this.#outcome = outcome;
        this.#asking = undefined;
      });
    return this.#asking;
  }
}
