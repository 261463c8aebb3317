/** `k8s/optional/admission-policy.yaml`, in force for a namespace of the test's own. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import { agentContainer, parseManifest } from '../../src/client/install/manifest.ts';
import { buildReaderDaemonSet } from '../../src/client/install/reader-objects.ts';
import { kflow } from '../lab/kflow.ts';
import { isInstalled } from '../lab/requirements.ts';
import { AGENT_IMAGE, noAgents } from './agents.ts';
import { Playground, TOOLS_IMAGE } from './playground.ts';

const MANIFEST = parseManifest(readFileSync('k8s/daemonset.yaml', 'utf8'));
assert.ok(MANIFEST.ok);
const AGENTS = MANIFEST.agents;
const CONTAINER = agentContainer(AGENTS);
const POLICY = readFileSync('k8s/optional/admission-policy.yaml', 'utf8');

function kubectl(args: readonly string[], input?: string) {
  return spawnSync('kubectl', args, { encoding: 'utf8', ...(input === undefined ? {} : { input }) });
}

describe('the optional admission policy', {
  skip: noAgents || (!isInstalled('kubectl') && 'needs kubectl'),
  timeout: 180_000,
}, () => {
  let playground: Playground;
  let policy: string;

  before(async () => {
    playground = new Playground();
    await playground.open();
    // Names of its own: another one may be in force for the cluster's real agents.
    policy = POLICY.replaceAll('kflow-agents', playground.namespace).replace(
      'metadata.name: kflow',
      `metadata.name: ${playground.namespace}`,
    );
    const applied = kubectl(['apply', '-f', '-'], policy);
    assert.equal(applied.status, 0, applied.stderr);
    assert.doesNotMatch(applied.stderr, /warning/i);
    // The API server takes a policy into account a moment later.
    await playground.until('the policy is in force', async () => /belong to a DaemonSet/.test(refusal(podOf({}))));
  });
  after(async () => {
    if (policy !== undefined) kubectl(['delete', '--wait=false', '-f', '-'], policy);
    await playground?.close();
  });

  /** What the API server says of a pod, which it does not make. */
  function refusal(pod: object): string {
    return kubectl(['-n', playground.namespace, 'create', '--dry-run=server', '-f', '-'], JSON.stringify(pod)).stderr;
  }

  /** A pod as the manifest's DaemonSet makes it, with changes. */
  function podOf(changes: object, container: object = {}, owner: readonly object[] = []) {
    const containers = [{ ...CONTAINER, ...container }];
    return {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'tried', ownerReferences: owner },
      spec: { ...AGENTS.spec?.template.spec, containers, ...changes },
    };
  }

  const OWNER = [{ apiVersion: 'apps/v1', kind: 'DaemonSet', name: 'x', uid: '0', controller: true }];

  it('admits the agents of an install, and no container that is added to one', async () => {
    const { status, err } = await kflow('install', '-n', playground.namespace, '--image', AGENT_IMAGE ?? '', '--wait');
    assert.equal(status, 0, err);
    const { namespace, core } = playground;
    const [pod] = (await core.listNamespacedPod({ namespace, labelSelector: 'app=kflow-daemon' })).items;
    const name = pod?.metadata?.name ?? '';
    const ephemeralContainers = [{ name: 'debug', image: TOOLS_IMAGE, terminationMessagePolicy: 'File' }];
    const body = [{ op: 'add', path: '/spec/ephemeralContainers', value: ephemeralContainers }];
    await assert.rejects(
      core.patchNamespacedPodEphemeralcontainers({ name, namespace, dryRun: 'All', body }),
      /one container, and neither init nor ephemeral ones/,
    );
    const removal = await kflow('uninstall', '-n', playground.namespace, '--wait');
    assert.equal(removal.status, 0, removal.err);
  });

  it('admits readers where the policy says so, and not as anything else', async () => {
    const spec = buildReaderDaemonSet(AGENTS, { accounting: true, timestamps: true }).spec?.template.spec;
    const [container] = spec?.containers ?? [];
    const readerPod = (changes: object = {}, inner: object = {}, labels: object = { app: 'kflow-reader' }) => ({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'tried', ownerReferences: OWNER, labels },
      spec: { ...spec, containers: [{ ...container, ...inner }], ...changes },
    });
    assert.match(refusal(readerPod()), /no host namespaces/);
    const widened = policy.replace('expression: "false"', 'expression: "true"');
    assert.equal(kubectl(['apply', '-f', '-'], widened).status, 0);
    await playground.until('readers are admitted', async () => refusal(readerPod()) === '');
    const security = container?.securityContext;
    for (const [pod, why] of [
      [readerPod({ hostPID: true }), /no host namespaces/],
      [readerPod({}, {}, {}), /no host namespaces/],
      [
        readerPod({}, { securityContext: { ...security, capabilities: { drop: ['ALL'], add: ['SYS_ADMIN'] } } }),
        /run as uid 20050/,
      ],
      [readerPod({}, { securityContext: { ...security, privileged: true } }), /run as uid 20050|[Ii]nvalid/],
      [
        readerPod({ volumes: [{ name: 'run-kflow', hostPath: { path: '/run' } }] }, { volumeMounts: [] }),
        /mount the node's network files or/,
      ],
      [
        podOf({}, { securityContext: { ...CONTAINER?.securityContext, runAsUser: 0, runAsNonRoot: false } }, OWNER),
        /run as uid 20050/,
      ],
    ] as const)
      assert.match(refusal(pod), why);
    assert.equal(kubectl(['apply', '-f', '-'], policy).status, 0);
    await playground.until('readers are refused again', async () => refusal(readerPod()) !== '');
  });

  it('refuses each pod that is no agent', () => {
    assert.equal(refusal(podOf({}, {}, OWNER)), '');
    const security = CONTAINER?.securityContext;
    const host = (path: string) => [{ name: 'proc-net', hostPath: { path } }];
    for (const [pod, why] of [
      [podOf({}), /belong to a DaemonSet/],
      [podOf({ hostNetwork: true }, {}, OWNER), /no host namespaces/],
      [podOf({ hostPID: true }, {}, OWNER), /no host namespaces/],
      [podOf({ hostIPC: true }, {}, OWNER), /no host namespaces/],
      [podOf({ volumes: host('/') }, {}, OWNER), /mount the node's network files or/],
      [podOf({ volumes: host('/proc') }, {}, OWNER), /mount the node's network files or/],
      [
        podOf({}, { volumeMounts: [{ name: 'proc-net', mountPath: '/x' }] }, OWNER),
        /mount the node's network files or/,
      ],
      [podOf({}, { securityContext: { ...security, runAsUser: 0, runAsNonRoot: false } }, OWNER), /run as uid 20050/],
      [
        podOf({}, { securityContext: { ...security, capabilities: { drop: ['ALL'], add: ['NET_ADMIN'] } } }, OWNER),
        /run as uid 20050/,
      ],
      ...[
        { privileged: true, allowPrivilegeEscalation: true },
        { allowPrivilegeEscalation: true },
        { runAsNonRoot: undefined },
        { capabilities: { add: ['NET_ADMIN'] } },
        { readOnlyRootFilesystem: false },
      ].map(
        (change) => [podOf({}, { securityContext: { ...security, ...change } }, OWNER), /run as uid 20050/] as const,
      ),
      [podOf({}, { securityContext: {} }, OWNER), /run as uid 20050/],
      [podOf({ securityContext: { seccompProfile: { type: 'Unconfined' } } }, {}, OWNER), /seccomp/],
      [
        podOf({}, { securityContext: { ...security, seccompProfile: { type: 'Unconfined' } } }, OWNER),
        /seccomp's default profile/,
      ],
      [podOf({ automountServiceAccountToken: true }, {}, OWNER), /no service account token/],
      [podOf({ initContainers: [{ name: 'init', image: 'x' }] }, {}, OWNER), /one container/],
      [podOf({}, { ports: [{ containerPort: 1, hostPort: 1 }] }, OWNER), /no host ports/],
    ] as const)
      assert.match(refusal(pod), why);
  });
});
