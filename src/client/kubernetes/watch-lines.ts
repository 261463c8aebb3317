import type { IncomingMessage } from 'node:http';
import { MAX_API_OBJECT_BYTES } from '../model/limits.ts';
import { parseObject } from './api-request.ts';
import { ByteBuffer } from './byte-buffer.ts';
import { KubeError } from './errors.ts';
import { isRecord } from './json-readers.ts';

const LINE_END = 0x0a;
const TYPES = ['ADDED', 'MODIFIED', 'DELETED', 'BOOKMARK', 'ERROR'] as const;

export interface WatchEvent {
  readonly type: (typeof TYPES)[number];
  readonly object: Readonly<Record<string, unknown>>;
  /** The resource version after this event. */
  readonly version?: string;
  /** The HTTP status of an ERROR. */
  readonly code?: number;
}

/** Throws a KubeError if the line is not an event. */
export function watchEvent(line: string, resource: string): WatchEvent {
  const { type, object } = parseObject(line);
  const known = TYPES.find((one) => one === type);
  if (known === undefined || !isRecord(object))
    throw new KubeError('other', `the API server's watch of ${resource} sent a line that is not an event`);
  const version = isRecord(object.metadata) ? object.metadata.resourceVersion : undefined;
  const { code } = object;
  return {
    type: known,
    object,
    ...(typeof version === 'string' ? { version } : {}),
    ...(typeof code === 'number' && code >= 400 && code <= 599 ? { code } : {}),
  };
}

/** Yields the lines of a response as they arrive. Throws a KubeError if a line is too long. */
export async function* lines(response: IncomingMessage, most = MAX_API_OBJECT_BYTES): AsyncGenerator<string> {
  const rest = new ByteBuffer();
  for await (const chunk of response as AsyncIterable<Buffer>) {
    let start = 0;
    for (let end = chunk.indexOf(LINE_END); end >= 0; end = chunk.indexOf(LINE_END, start)) {
      rest.add(chunk.subarray(start, end));
      yield rest.take();
      start = end + 1;
    }
    rest.add(chunk.subarray(start));
    if (rest.length > most)
      throw new KubeError('too-large', `the API server sent a line of more than ${most / 1024 ** 2} MiB`);
  }
}
