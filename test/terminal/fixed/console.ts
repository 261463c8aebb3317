/** `node console.ts NAME`: the console over a snapshot that is always the same, at a time that stands still. */
import { concat, NEVER, of } from 'rxjs';
import { runConsole } from '../../../src/client/tui/console.ts';
import { AT, SNAPSHOTS, type SnapshotName } from './snapshots.ts';

const name = process.argv[2] as SnapshotName;
process.exit(
  await runConsole({
    snapshots$: concat(of(SNAPSHOTS[name]()), NEVER),
    signal: new AbortController().signal,
    env: process.env,
    now: () => AT,
  }),
);
