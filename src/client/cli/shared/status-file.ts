import type { FileHandle } from 'node:fs/promises';
import { writeAll } from '../../files/direct-file.ts';
import { openForAppending } from '../../files/write-file.ts';
import { cleanPath } from '../../format/sanitize.ts';
import { describeFileError } from '../../recording/recording-file.ts';
import { UserError } from '../../session/user-error.ts';
import type { ConsoleStatus } from '../../tui/console-status.ts';

/** The file of `--debug-status`: appends a line of JSON each second. */
export class StatusFile {
  readonly #path: string;
  readonly #file: FileHandle;
  #writing: Promise<void> | undefined;
  #fault: unknown;
  readonly #closed = new AbortController();

  private constructor(path: string, file: FileHandle) {
    this.#path = path;
    this.#file = file;
  }

  /** Throws a UserError that names the file. */
  static async open(path: string, signal: AbortSignal): Promise<StatusFile> {
    try {
      return new StatusFile(path, await openForAppending(path, signal));
    } catch (error) {
      throw new UserError(`${cleanPath(path)}: ${describeFileError(error)}`);
    }
  }

  /** Skips a line while the previous one is still being written, so that no queue grows. */
  write(status: ConsoleStatus): void {
    if (this.#writing !== undefined || this.#fault !== undefined) return;
    this.#writing = writeAll(this.#file, Buffer.from(`${JSON.stringify(status)}\n`), this.#closed.signal)
      .catch((error: unknown) => {
        this.#fault = error;
      })
      .finally(() => {
        this.#writing = undefined;
      });
  }

  /** Throws a UserError if a write failed. */
  async close(): Promise<void> {
    this.#closed.abort();
    await this.#writing;
    await this.#file.close();
    if (this.#fault !== undefined) throw new UserError(`${cleanPath(this.#path)}: ${describeFileError(this.#fault)}`);
  }
}
