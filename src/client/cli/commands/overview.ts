import { take, timer } from 'rxjs';
import { CONNECTION_COLUMNS } from '../../columns/connection-columns.ts';
import { sortTop } from '../../columns/sort.ts';
import { formatNotices, sanitizeLine } from '../../format/notices.ts';
import { formatCount, formatRate } from '../../format/numbers.ts';
import { cleanPath } from '../../format/sanitize.ts';
import { shellCommand } from '../../format/shell-command.ts';
import { commandAdapter, ownCommand } from '../../kubernetes/same-cluster.ts';
import { usedAgents } from '../../model/agent.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import { TextTable } from '../../output/text-table.ts';
import { type AdaptCommand, formatNextStep } from '../../problems/next-step.ts';
import { type Problem, SEVERITY_NAMES } from '../../problems/problem.ts';
import { ProblemMonitor } from '../../problems/problem-monitor.ts';
import { openSession } from '../../session/open-session.ts';
import { openRecording, recordingNotices } from '../../session/recording-session.ts';
import { kubeOptions, type SessionOptions } from '../../session/session.ts';
import { UserError } from '../../session/user-error.ts';
import { countedConnections } from '../../traffic/counted-connections.ts';
import { totalRate } from '../../traffic/traffic.ts';
import { collectFrom, firstValue } from '../shared/collect.ts';
import type { CommandIo } from '../shared/command-io.ts';
import { describeNoMatch, requireTables } from '../shared/messages.ts';
import { describeMissingAgents } from '../shared/missing-agents.ts';
import { CLI_AGENT_COLUMNS } from './agents.ts';
import { formatNamespaceFilter, parseFilterArguments } from './flows-query.ts';

/** Rates are known from the second poll on. */
const POLLS = 2;
/** How long to watch before reporting "no problems": a request counts as unanswered only after its usual timeout. */
const OBSERVE_TIMEOUT_MS = 5000;
const MAX_CONNECTIONS = 10;

interface Observed {
  readonly all: Snapshot;
  /** The requested traffic. */
  readonly snapshot: Snapshot;
  readonly problems: readonly Problem[];
}

/**
 * Prints the first screen of the console once as plain text: for pipes, cron and terminals without cursor control.
 * If there is nothing to show, it fails with the reason and the next step.
 */
export async function overview(options: SessionOptions, io: CommandIo): Promise<number> {
  const terms = formatNamespaceFilter(options);
  const fits = terms === '' ? undefined : parseFilterArguments(terms);
  const chosen = (snapshot: Snapshot): Snapshot =>
    fits === undefined
      ? snapshot
      : { ...snapshot, connections: snapshot.connections.filter((one) => fits(one, snapshot.at)) };
  const { all, snapshot, problems } =
    options.recording === undefined
      ? await observe(options, io, chosen)
      : await observeRecording(options.recording, options, io, chosen);
  if (snapshot.connections.length === 0) throw new UserError(describeEmpty(all, options, io.program));
  io.stderr(formatNotices(snapshot.notices));
  io.stdout(
    `${formatOverview(snapshot, problems, commandAdapter({ ...kubeOptions(options), program: io.program })).join('\n')}\n`,
  );
  await io.flushed();
  return 0;
}

type OverviewFilter = (snapshot: Snapshot) => Snapshot;

async function observe(options: SessionOptions, io: CommandIo, chosen: OverviewFilter): Promise<Observed> {
  const source = await openSession(options, io);
  const watch = new ProblemMonitor(commandAdapter({ ...kubeOptions(options), program: io.program }));
  let latest: Snapshot | undefined;
  const subscription = source.snapshots$.subscribe((snapshot) => {
    watch.of(chosen(snapshot));
    latest = snapshot;
  });
  try {
    const began = performance.now();
    const collected = await firstValue(collectFrom(source, { polls: POLLS, infos: true }), io.signal);
    const snapshot = requireTables(collected, source.timeoutMs);
    io.stderr(formatNotices(describeMissingAgents(collected)));
    if (chosen(snapshot).connections.length > 0)
      await firstValue(timer(Math.max(0, OBSERVE_TIMEOUT_MS - (performance.now() - began))).pipe(take(1)), io.signal);
    const all = latest ?? snapshot;
    const shown = chosen(all);
    return { all, snapshot: shown, problems: watch.of(shown) };
  } finally {
    subscription.unsubscribe();
    await source.close();
  }
}

async function observeRecording(
  path: string,
  options: SessionOptions,
  io: CommandIo,
  chosen: OverviewFilter,
): Promise<Observed> {
  const recording = await openRecording(path, io);
  const atMs = options.at ?? Number.POSITIVE_INFINITY;
  const watch = new ProblemMonitor(commandAdapter({ ...kubeOptions(options), program: io.program }));
  try {
    let shown: Snapshot | undefined;
    for await (const { elapsedMs, snapshot } of recording.snapshots()) {
      if (shown !== undefined && elapsedMs > atMs) break;
      io.signal.throwIfAborted();
      watch.of(chosen(snapshot));
      shown = snapshot;
    }
    if (shown === undefined) throw new UserError(`${cleanPath(path)}: the recording is empty`);
    const notices = [...recordingNotices(recording), ...shown.notices];
    const all = { ...shown, notices };
    const snapshot = chosen(all);
    return { all, snapshot, problems: watch.of(snapshot) };
  } finally {
    await recording.close();
  }
}

function describeEmpty(
  { origin, agents, connections, notices }: Snapshot,
  options: SessionOptions,
  program: string,
): string {
  if (connections.length > 0)
    return [`${origin}: ${describeNoMatch(connections, options, agents).join('\n')}`, ...notices].join('\n');
  const tables = agents.length === 1 ? 'table' : `tables of ${formatPlural(agents.length, 'agent')}`;
  const reasons =
    notices.length > 0
      ? notices
      : [
          `no connections in the conntrack ${tables} (\`${ownCommand(['doctor'], { ...kubeOptions(options), program })}\` checks why)`,
        ];
  return `${origin}: ${reasons.join('\n')}`;
}

function formatOverview(snapshot: Snapshot, problems: readonly Problem[], adapt: AdaptCommand): string[] {
  const { at, origin, agents, connections } = snapshot;
  const used = usedAgents(agents);
  const total = totalRate(countedConnections(snapshot));
  const context = { names: true, now: at };
  const live = agents.filter(({ status }) => status.kind === 'live').length;
  const byNode = agents.toSorted((a, b) => (a.node < b.node ? -1 : a.node > b.node ? 1 : 0));
  const columns = CONNECTION_COLUMNS.filter(({ wide }) => !wide);
  const rate = CONNECTION_COLUMNS.find(({ id }) => id === 'rate');
  const oldestFirst = connections.toSorted((a, b) => a.id - b.id);
  const heaviest =
    rate === undefined ? oldestFirst : sortTop(oldestFirst, rate, 'descending', context, 0, MAX_CONNECTIONS);
  return [
    [
      'kflow',
      sanitizeLine(origin),
      `${live}/${formatPlural(used.length, 'agent')}`,
      formatPlural(problems.filter(({ severity }) => severity > 1).length, 'problem'),
      formatPlural(connections.length, 'connection'),
      total === undefined ? 'rate unknown' : formatRate(total),
    ].join(' · '),
    '',
    ...table(
      CLI_AGENT_COLUMNS.filter(({ wide }) => !wide),
      byNode,
      at,
    ),
    '',
    ...problems.flatMap(formatProblem),
    ...(problems.length === 0 ? ['No problems.'] : []),
    '',
    ...table(columns, heaviest, at),
    ...(connections.length > heaviest.length
      ? [
          `and ${formatCount(connections.length - heaviest.length)} more: \`${shellCommand(adapt(['kflow', 'flows'])).text}\``,
        ]
      : []),
  ];
}

function formatProblem({ severity, title, subject, count, unit, explanation, nextStep }: Problem): string[] {
  return [
    sanitizeLine(`${SEVERITY_NAMES[severity]}: ${title}: ${subject} (${formatCount(count)} ${unit})`),
    `  ${sanitizeLine(explanation)}`,
    `  next: ${sanitizeLine(formatNextStep(nextStep))}`,
  ];
}

function table<Row>(columns: ConstructorParameters<typeof TextTable<Row>>[0], rows: readonly Row[], now: number) {
  const text = new TextTable(columns);
  const lines = text.rows(rows, { names: true, now });
  return [text.heading(), ...lines];
}

function formatPlural(count: number, unit: string): string {
  return `${formatCount(count)} ${count === 1 ? unit : `${unit}s`}`;
}
