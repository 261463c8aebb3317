import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Semaphore } from '../../../../src/client/async/semaphore.ts';

const never = new AbortController().signal;

describe('Gate', () => {
  it('lets in as many as there are places, the others in order', async () => {
    const gate = new Semaphore(2);
    const running: number[] = [];
    let most = 0;
    const ends: (() => void)[] = [];
    const task = (number: number) =>
      gate.run(never, async () => {
        running.push(number);
        most = Math.max(most, running.length - ends.length);
        await new Promise<void>((resolve) => ends.push(resolve));
      });
    const all = [1, 2, 3, 4].map(task);
    assert.deepEqual(running, [1, 2]);
    ends[1]?.();
    await all[1];
    assert.deepEqual(running, [1, 2, 3]);
    ends[0]?.();
    await all[0];
    assert.deepEqual(running, [1, 2, 3, 4]);
    for (const end of ends) end();
    await Promise.all(all);
  });

  it('gives the place of a failed task to the next', async () => {
    const gate = new Semaphore(1);
    await assert.rejects(
      gate.run(never, () => Promise.reject(new Error('no'))),
      /no/,
    );
    assert.equal(await gate.run(never, async () => 1), 1);
  });

  it('lets go of one that no longer wants to wait', async () => {
    const gate = new Semaphore(1);
    let end = () => {};
    const first = gate.run(
      never,
      () =>
        new Promise<void>((resolve) => {
          end = resolve;
        }),
    );
    const controller = new AbortController();
    const second = gate.run(controller.signal, async () => 'second');
    const third = gate.run(never, async () => 'third');
    controller.abort(new Error('enough'));
    await assert.rejects(second, /enough/);
    end();
    await first;
    assert.equal(await third, 'third');
  });
});
