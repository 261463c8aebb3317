import { addSecret } from '../format/secrets.ts';
import type { UserEntry } from './kubeconfig-file.ts';

const SECRETS = ['id-token', 'refresh-token', 'client-secret'];

/**
 * The id-token of an OpenID Connect user, renewed by client-node. It is loaded here, because loading takes 0.3 s and only these users need
 * it. Unlike kubectl, client-node does not write a renewed refresh token back to the kubeconfig.
 */
export class Oidc {
  readonly #user: UserEntry;
  #renewal: Promise<string> | undefined;
  #apply: ((options: { headers?: Record<string, unknown> }) => Promise<void>) | undefined;

  constructor(user: UserEntry) {
    this.#user = user;
  }

  /** "Bearer …". Calls during a renewal share its result. Rejects with an Error that says what to do. */
  authorization(): Promise<string> {
    this.#renewal ??= this.#ask().finally(() => {
      this.#renewal = undefined;
    });
    return this.#renewal;
  }

  async #ask(): Promise<string> {
    this.#apply ??= await this.#load();
    const options: { headers?: Record<string, unknown> } = {};
    try {
      await this.#apply(options);
    } catch (error) {
      throw new Error(`auth-provider oidc cannot renew the id-token: ${(error as Error).message.split('\n')[0]}`);
    }
    const authorization = options.headers?.Authorization;
    if (typeof authorization !== 'string') throw new Error('auth-provider oidc has no valid id-token; log in again');
    return authorization;
  }

  async #load() {
    const { config: given = {} } = this.#user.authProvider ?? {};
    for (const name of SECRETS) addSecret(given[name] ?? '');
    const { oidcHeaders } = await import('./oidc-config.ts');
    return oidcHeaders(this.#user);
  }
}
