import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { runToEnd } from '../../../../src/client/async/chunked-work.ts';
import { agentSeries, connectionSeries, RateHistory, rowSeries } from '../../../../src/client/traffic/rate-history.ts';
import { averages, MAX_SAMPLES, RateSeries } from '../../../../src/client/traffic/rate-series.ts';
import { serviceKey } from '../../../../src/client/traffic/service-rows.ts';
import { sparkline } from '../../../../src/client/tui/text/sparkline.ts';
import { agent, connection, hop, NOW, pod, snapshot } from '../tui/fixtures.ts';

const NOBODY = new Set<number>();
const at = (seconds: number) => NOW + seconds * 1000;

test('a second is a sample; what was between two polls is of the later one; a long silence is a gap', () => {
  const series = new RateSeries(100);
  series.add(100, 5);
  series.add(101, 7);
  series.add(104, 8);
  series.add(110, 9);
  series.add(120, undefined);
  assert.deepEqual(series.until(104), [5, 7, 8, 8, 8]);
  assert.deepEqual(series.until(111).slice(-3), [9, 9, Number.NaN]);
  assert.deepEqual(series.until(122).slice(10), [9, ...Array(10).fill(Number.NaN)]);
});

test('ten minutes are kept, and what was before them is not known', () => {
  const series = new RateSeries(0);
  for (let second = 0; second < 2000; second++) series.add(second, second);
  const rates = series.until(1999);
  assert.equal(rates.length, MAX_SAMPLES);
  assert.deepEqual([rates[0], rates.at(-1)], [1400, 1999]);
  // A screen that was frozen for longer than that.
  assert.ok(series.until(1000).every((rate) => Number.isNaN(rate)));
});

test('a law: at any second, a sample is the last rate that was noted then, or not known', () => {
  const notes = fc.array(fc.tuple(fc.nat(1500), fc.option(fc.nat(1000), { nil: undefined })), {
    minLength: 1,
    maxLength: 60,
  });
  fc.assert(
    fc.property(notes, (list) => {
      const sorted = list.toSorted(([a], [b]) => a - b);
      const [[first] = [0]] = sorted;
      const series = new RateSeries(first);
      const known = new Map<number, number | undefined>();
      for (const [second, rate] of sorted) {
        series.add(second, rate);
        known.set(second, rate);
      }
      const last = sorted.at(-1)?.[0] ?? 0;
      const rates = series.until(last);
      for (const [second, rate] of known)
        if (second > last - MAX_SAMPLES) assert.deepEqual(rates.at(second - last - 1), rate ?? Number.NaN);
    }),
  );
});

test('history of nodes, connections, workloads and services, and none of what is old', () => {
  const history = new RateHistory();
  const [cart, web] = [pod('cart', 'node1'), pod('web', 'node2')];
  const one = connection({ source: cart, destination: web, hops: [hop('node1')], sentRate: 10, receivedRate: 90 });
  const two = connection({ source: web, destination: cart, hops: [hop('node1')], sentRate: 1, receivedRate: 2 });
  for (const second of [0, 1]) runToEnd(history.record(snapshot([one, two], { at: at(second) }), NOBODY, 'workload'));
  const rates = (key: string, second = 1) => history.rates(key, at(second));
  assert.deepEqual(rates(connectionSeries(one.id)), [100, 100]);
  assert.deepEqual(rates(agentSeries('node1')), [103, 103]);
  assert.deepEqual(rates(rowSeries('workloads', 'shop/cart', 'workload')), [103, 103]);
  assert.deepEqual(rates(rowSeries('services', serviceKey(one), 'workload')), [100, 100]);
  const lost = { ...one, stale: true };
  runToEnd(history.record(snapshot([lost], { at: at(2), agents: [agent('node1')] }), NOBODY, 'workload'));
  assert.deepEqual(rates(connectionSeries(one.id), 2), [100, 100, Number.NaN]);
  assert.deepEqual(rates(agentSeries('node1'), 2), [103, 103, Number.NaN]);
});

test('of many, those on the screen and the heaviest are kept, and memory is bounded', () => {
  const history = new RateHistory();
  const many = Array.from({ length: 30_000 }, (_, i) => connection({ sentRate: i * i, receivedRate: 0 }));
  const [light] = many;
  assert.ok(light);
  const before = process.memoryUsage().arrayBuffers;
  for (let second = 0; second < 40; second++)
    runToEnd(history.record(snapshot(many, { at: at(second) }), new Set([light.id]), 'workload'));
  assert.equal(history.rates(connectionSeries(light.id), at(39)).length, 40);
  assert.ok(history.rates(connectionSeries(many.at(-1)?.id ?? 0), at(39)).length >= 20);
  assert.deepEqual(
    history.rates(connectionSeries(many[100]?.id ?? 0), at(39)).filter((rate) => !Number.isNaN(rate)).length <= 20,
    true,
  );
  assert.ok(process.memoryUsage().arrayBuffers - before < 20e6);
  // Rows on the screen of a table of sums are noted when they are drawn.
  history.addShownSample('workloads', 'shop/web', 'workload', at(39), 7);
  assert.deepEqual(history.rates(rowSeries('workloads', 'shop/web', 'workload'), at(39)), [7]);
});

test('a sparkline: all of the time in few cells, gaps are blanks, nothing is not a gap', () => {
  assert.deepEqual(sparkline([0, 1, 2, 4, Number.NaN, 8], 10), { text: '▁▂▃▅ █', most: 8 });
  assert.deepEqual(sparkline([0, 0], 10), { text: '▁▁', most: 0 });
  assert.deepEqual(sparkline([], 10), { text: '', most: 0 });
  const ramp = Array.from({ length: 600 }, (_, i) => i);
  assert.equal(sparkline(ramp, 60).text.length, 60);
  assert.match(sparkline(ramp, 60).text, /^▁+▂+▃+▄+▅+▆+▇+█+$/);
});

test('averages over 2, 10 and 40 seconds, of what is known', () => {
  assert.deepEqual(averages([Number.NaN, 10, 20]), [15, 15, 15]);
  assert.deepEqual(averages(Array.from({ length: 40 }, (_, i) => i + 1)), [39.5, 35.5, 20.5]);
  assert.deepEqual(averages([5, Number.NaN, Number.NaN]), [undefined, 5, 5]);
});
