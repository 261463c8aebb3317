import { connect } from 'node:net';

/** Only this process's user may connect. */
const PRIVATE_MASK = 0o177;
/** Number of calls that are listening at this moment, and the umask from before the first of them. */
let startListening = 0;
let previousMask = 0;

/**
 * Creates a socket with the mode that `mask` leaves. The umask sets the mode from the start: a client that connects
 * between `listen` and a `chmod` would stay connected. The socket exists before the process does anything else, so the umask
 * affects no other file.
 */
export async function withSocketMode<T>(listen: () => Promise<T>, mask: number = PRIVATE_MASK): Promise<T> {
  if (startListening++ === 0) previousMask = process.umask(mask);
  try {
    return await listen();
  } finally {
    // The umask is per process. Of several concurrent calls, the last one restores it.
    if (--startListening === 0) process.umask(previousMask);
  }
}

/** Whether a process listens at the path, as far as a connection tells: only a refusal says that none does. */
export function isListening(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', ({ code }: NodeJS.ErrnoException) => resolve(code !== 'ECONNREFUSED'));
  });
}
