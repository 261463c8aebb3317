/** The maximum length of a unix socket's path in the kernel, without the final zero. */
const MAX_SOCKET_PATH_BYTES = process.platform === 'darwin' ? 103 : 107;

/** "/run/kflow.sock" of "unix:/run/kflow.sock" and "unix:///run/kflow.sock", as gRPC reads them. */
export function socketPath(address: string): string {
  return address.slice('unix:'.length).replace(/^\/\/(?=\/)/, '');
}

/** Why no socket can have this path; undefined: it is short enough. The kernel's own error is "invalid argument". */
export function socketPathFault(path: string): string | undefined {
  const bytes = Buffer.byteLength(path);
  if (bytes <= MAX_SOCKET_PATH_BYTES) return undefined;
  return `the path has ${bytes} bytes, but a unix socket's path has at most ${MAX_SOCKET_PATH_BYTES}: give a shorter one`;
}
