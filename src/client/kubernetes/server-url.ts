/**
 * The URL of a kubeconfig's `server` by kubectl's rules: without a scheme it is plain HTTP; query and
 * fragment are ignored. Undefined: it is invalid.
 */
export function serverUrl(server: string): URL | undefined {
  const hasScheme = /^[a-z][a-z0-9+.-]*:\/\/[^/?#]/i.test(server);
  const url = URL.parse(hasScheme ? server : `http://${server}`);
  if (url === null || !/^https?:$/.test(url.protocol)) return undefined;
  if (!hasScheme && url.pathname !== '/') return undefined;
  if (!hasReadableCredentials(url)) return undefined;
  url.search = '';
  url.hash = '';
  return url;
}

/** Whether user name and password can be decoded: "%zz" cannot. */
export function hasReadableCredentials({ username, password }: URL): boolean {
  try {
    decodeURIComponent(username + password);
    return true;
  } catch {
    return false;
  }
}
