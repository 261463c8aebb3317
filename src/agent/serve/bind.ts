import { lstatSync, unlinkSync } from 'node:fs';
import { connect } from 'node:net';
import { type Server, ServerCredentials } from '@grpc/grpc-js';
import { formatListen, parseListen } from '../listen.ts';

/**
 * Binds the server. Resolves with the address as clients write it, its port filled in. Rejects with an Error whose message
 * names the address and says what to do.
 */
export async function bind(server: Server, listen: string): Promise<string> {
  const address = parseListen(listen);
  if (address === undefined) throw new Error(`${JSON.stringify(listen)} is not an address to listen on`);
  const text = formatListen(address);
  const bindServer = () =>
    new Promise<number>((resolve, reject) => {
      server.bindAsync(text, ServerCredentials.createInsecure(), (error, bound) => {
        if (error) reject(new Error(`cannot listen on ${text}: ${causeOf(error)}`));
        else resolve(bound);
      });
    });
  if (address.kind === 'tcp') return formatListen({ ...address, port: await bindServer() });
  await removeStale(address.path);
  await withSocketMode(bindServer);
  return text;
}

const PRIVATE_MASK = 0o177;
/** Who listens at this moment, and the mask from before the first of them. */
let listening = 0;
let maskBefore = 0;

/**
 * Only the user that the agent runs as may connect. The mode is there from the first moment: who connects between `listen` and a
 * `chmod` stays connected. gRPC listens before the process turns to anything else, so the mask meets no other file.
 */
export async function withSocketMode<T>(listen: () => Promise<T>): Promise<T> {
  if (listening++ === 0) maskBefore = process.umask(PRIVATE_MASK);
  try {
    return await listen();
  } finally {
    // The mask is the process's: where several listen at once, the last one puts it back.
    if (--listening === 0) process.umask(maskBefore);
  }
}

/** The library's own words, "No address added out of total 1 resolved errors: [listen EADDRINUSE …]", hide the cause. */
function causeOf({ message }: Error): string {
  const cause = /errors: \[(.*)\]$/s.exec(message)?.[1] ?? message;
  return cause.includes('EADDRINUSE') ? 'another process does; stop it, or choose another address' : cause;
}

/** A socket that its server left behind keeps others from listening there. One that answers is in use. */
export async function removeStale(path: string): Promise<void> {
  const stat = lstatSync(path, { throwIfNoEntry: false });
  if (stat === undefined) return;
  if (!stat.isSocket()) throw new Error(`cannot listen on unix:${path}: the file is there, and is not a socket`);
  const used = await new Promise<boolean>((resolve) => {
    const socket = connect(path);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code !== 'ECONNREFUSED'));
  });
  if (used)
    throw new Error(
      `cannot listen on unix:${path}: another process does (or it cannot be told); stop it, or choose another path`,
    );
  unlinkSync(path);
}
