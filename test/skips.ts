/**
 * A reporter for node's test runner: lists every test and suite that was skipped or is still to be written, with the
 * reason. The runner's own summary leaves out a skipped suite. In CI nothing may be missing: there it is a failure.
 */
import type { TestEvent } from 'node:test/reporters';

export default async function* skips(events: AsyncIterable<TestEvent>): AsyncGenerator<string> {
  const found: string[] = [];
  for await (const event of events) {
    if (event.type !== 'test:pass' && event.type !== 'test:fail') continue;
    const { name, skip, todo } = event.data;
    const reason = skip ?? todo;
    if (reason === undefined || reason === false) continue;
    found.push(`${name}${typeof reason === 'string' ? `: ${reason}` : ''}`);
  }
  if (found.length === 0) return;
  yield `\nnot run (${found.length}):\n${found.map((line) => `  ${line}\n`).join('')}`;
  if (process.env.CI !== undefined) {
    yield 'a test that was not run is a failure here (CI is set)\n';
    process.exitCode = 1;
  }
}
