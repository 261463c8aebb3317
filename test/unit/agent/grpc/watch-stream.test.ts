import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { test } from 'node:test';
import { Subject } from 'rxjs';
import { StreamScheduler } from '../../../../src/agent/grpc/stream-scheduler.ts';
import { Subscribers } from '../../../../src/agent/grpc/subscribers.ts';
import { type WatchCall, WatchStream } from '../../../../src/agent/grpc/watch-flows.ts';
import type { PollResult } from '../../../../src/agent/polling/poller.ts';
import { writeFlow } from '../../../../src/flow/flow.ts';
import { FlowTable } from '../../../../src/flow/flow-table.ts';
import { decodeResponse, type WatchMessage } from '../../../../src/wire/decode.ts';
import { parseResponse } from '../../../../src/wire/service.ts';
import { plain } from '../../client/correlate/builders.ts';

/** Does something each time before it is somebody's turn. */
class Turns extends StreamScheduler {
  before: () => void = () => {};

  override async nextTurn(): Promise<void> {
    await super.nextTurn();
    this.before();
  }
}

test('the report of a poll that ends while a stream waits for its turn goes with the flows of that poll', async () => {
  const table = new FlowTable();
  const polls$ = new Subject<PollResult>();
  const poll = (): PollResult => {
    writeFlow(table, plain(`10.0.0.1:${1000 + table.size} > 10.0.0.2:80`));
    table.commit(1);
    const { size: entries, version } = table;
    return { table, version, entries, unparsedLines: 0, durationSeconds: 0.1, intervalSeconds: 1, skipped: false };
  };
  const messages: WatchMessage[] = [];
  const call = Object.assign(new EventEmitter(), {
    write(bytes: Buffer, written: () => void) {
      messages.push(decodeResponse(parseResponse(bytes), Date.now()));
      written();
      return true;
    },
    end: () => {},
  });
  const turns = new Turns();
  const request = {
    filter: { protocols: [], ports: [], cidrs: [], states: [], minRate: 0 },
    snapshotOnly: false,
    maxFlows: 0,
    minIntervalMs: 0,
  };
  const stream = new WatchStream(call as unknown as WatchCall, request, new Subscribers(), turns);
  stream.start(polls$);
  turns.before = () => {
    turns.before = () => {};
    polls$.next(poll());
  };
  polls$.next(poll());
  while (messages.length === 0) await new Promise(setImmediate);
  const [first] = messages;
  assert.equal(first?.delta.added.length, 2);
  assert.equal(first?.poll?.entries, 2);
  for (let i = 0; i < 5; i++) await new Promise(setImmediate);
  assert.equal(messages.length, 1, 'and is not sent again');
  stream.end('done');
});
