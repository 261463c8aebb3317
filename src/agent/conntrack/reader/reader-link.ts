import { setTimeout as delay } from 'node:timers/promises';
import { readTableSize } from '../netlink/netlink-stats.ts';
import { errorCause } from '../table-paths.ts';
import { ReaderMessages } from './reader-messages.ts';

/** Maximum time that the agent's start waits for the reader's first reply. */
const FIRST_ANSWER_MS = 1_000;

/**
 * Checks whether the node's reader answers. The socket file alone proves little: a killed reader leaves it behind. So the agent
 * requests the table's size, and each `probe` starts a new request.
 */
export class ReaderLink {
  readonly messages: ReaderMessages;
  #outcome = 'the reader has not answered yet';
  #asking: Promise<void> | undefined;

  private constructor(path: string) {
    this.messages = new ReaderMessages(path);
  }

  /** Resolves when the reader has answered or failed, or after a timeout. */
  static async open(path: string): Promise<ReaderLink> {
    const link = new ReaderLink(path);
    await Promise.race([link.#ask(), delay(FIRST_ANSWER_MS, undefined, { ref: false })]);
    return link;
  }

  /** Returns the outcome of the last request: "ok", or the cause of its failure. */
  probe(): string {
    void this.#ask();
    return this.#outcome;
  }

  /** Describes the settings that the reader switched on; empty if there are none. */
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
