import { once } from 'node:events';
import { fstatSync, writeSync } from 'node:fs';
import { getSystemErrorMessage } from 'node:util';

/**
 * All output to stdout goes through here, so that a write error is handled in one place for every
 * command: a full disk is an error, a closed pipe (`| head -1`) is not.
 */
export class StandardOutput {
  readonly #stream: NodeJS.WriteStream & { readonly fd: 1 };
  readonly #onFault: (error: NodeJS.ErrnoException) => void;
  readonly #isFile: boolean;
  #fault: NodeJS.ErrnoException | undefined;

  /** `onFault` is called once, with the first error; later output is dropped. */
  constructor(stream: NodeJS.WriteStream & { readonly fd: 1 }, onFault: (error: NodeJS.ErrnoException) => void) {
    this.#stream = stream;
    this.#onFault = onFault;
    this.#isFile = isFile(stream);
    stream.on('error', (error) => this.#failed(error));
  }

  /** Undefined: no error, or the reader has closed the pipe. */
  get fault(): string | undefined {
    if (this.#fault === undefined || this.#fault.code === 'EPIPE') return undefined;
    const { errno, message } = this.#fault;
    return `the output cannot be written: ${errno === undefined ? message : getSystemErrorMessage(errno)}`;
  }

  write(data: string | Uint8Array): void {
    if (this.#fault !== undefined || data.length === 0) return;
    if (this.#isFile) this.#writeFile(data);
    else this.#stream.write(data);
  }

  /** Resolves when this, and everything before it, is written. Rejects on an error. */
  async writeWhole(data: Uint8Array): Promise<void> {
    this.write(data);
    await this.flushed();
    if (this.#fault !== undefined) throw this.#fault;
  }

  /** Resolves when more can be written, or when nobody reads any more. */
  async drained(signal: AbortSignal): Promise<void> {
    if (this.#stream.writableNeedDrain) await once(this.#stream, 'drain', { signal }).catch(() => {});
  }

  /** Resolves when everything is written, or cannot be written. */
  async flushed(): Promise<void> {
    if (this.#isFile || this.#fault !== undefined) return;
    // The error of an earlier write comes before this.
    await new Promise<void>((resolve) => this.#stream.write('', () => resolve()));
  }

  /** Node's own stream for a file ignores a short write, which happens before "disk full". */
  #writeFile(data: string | Uint8Array): void {
    const bytes = typeof data === 'string' ? Buffer.from(data) : data;
    try {
      for (let written = 0; written < bytes.length; ) written += writeSync(this.#stream.fd, bytes, written);
    } catch (error) {
      this.#failed(error as NodeJS.ErrnoException);
    }
  }

  #failed(error: NodeJS.ErrnoException): void {
    if (this.#fault !== undefined) return;
    this.#fault = error;
    this.#onFault(error);
  }
}

/** A file, or a device other than a terminal: /dev/null, /dev/full. */
function isFile({ fd, isTTY }: { readonly fd: number; readonly isTTY?: boolean }): boolean {
  const kind = fstatSync(fd);
  return kind.isFile() || (kind.isCharacterDevice() && !isTTY);
}
