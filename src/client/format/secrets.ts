/** Shorter ones ("1", "true") are part of too many words. */
const MIN_SECRET_LENGTH = 6;
/** Tokens are renewed: those that were used long ago have expired. A certificate's key is 50 lines. */
const MAX_SECRETS = 500;
const REDACTED = '…';

/** Of the whole program: an API server, a proxy or a plugin may repeat what it was given. */
const known = new Set<string>();

/** From now on `redactSecrets` replaces it. Call it before the credential is used. */
export function addSecret(secret: string): void {
  if (secret.length < MIN_SECRET_LENGTH) return;
  // The newest is the last.
  known.delete(secret);
  known.add(secret);
  for (const oldest of known) {
    if (known.size <= MAX_SECRETS) break;
    known.delete(oldest);
  }
}

/** Text of another program, without the credentials that kflow uses. Redact before cutting: half a secret is not recognized. */
export function redactSecrets(text: string): string {
  let left = text;
  for (const secret of [...known].sort((a, b) => b.length - a.length)) left = left.replaceAll(secret, REDACTED);
  return left;
}
