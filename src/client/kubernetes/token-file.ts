import { readWholeFile } from '../files/read-file.ts';
import { describeSystemError } from './kubeconfig-text.ts';

/** As in kubectl: a kubelet renews such files long before their tokens expire. */
const KEEP_MS = 50_000;

/** A token in a file that is renewed from outside. */
export class TokenFile {
  readonly #path: string;
  #token = '';
  #readAt = Number.NEGATIVE_INFINITY;

  constructor(path: string) {
    this.#path = path;
  }

  /** Throws if there is none and never was; the message names the file. */
  read(): string {
    if (performance.now() - this.#readAt < KEEP_MS) return this.#token;
    try {
      this.#token = tokenIn(this.#path);
      this.#readAt = performance.now();
    } catch (error) {
      // The file may just be replaced.
      if (this.#token === '') throw error;
    }
    return this.#token;
  }

  readAgain(): string {
    this.#readAt = Number.NEGATIVE_INFINITY;
    return this.read();
  }
}

function tokenIn(path: string): string {
  let token: string;
  try {
    token = readWholeFile(path).toString('utf8').trim();
  } catch (error) {
    throw new Error(`names tokenFile ${path}, which cannot be read: ${describeSystemError(error)}`);
  }
  if (token === '') throw new Error(`names tokenFile ${path}, which is empty`);
  return token;
}
