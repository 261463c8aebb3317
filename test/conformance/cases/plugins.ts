import { readFileSync } from 'node:fs';
import type { Case, World } from '../compare.ts';
import { exec, kubeconfig, plain, plugin, secure } from './kubeconfig.ts';

const VERSION = 'client.authentication.k8s.io/v1beta1';
const TOKEN = { token: 'SECRET-exec' };
const withExec =
  (
    more: Readonly<Record<string, unknown>> = {},
    cluster: (world: World) => Readonly<Record<string, unknown>> = () => ({}),
  ) =>
  (world: World) =>
    kubeconfig(world, { user: exec(more), cluster: cluster(world) });
const script =
  (...args: Parameters<typeof plugin>) =>
  () => ({ 'plugin.sh': plugin(...args) });
const raw = (text: string) => () => ({ 'plugin.sh': `#!/bin/sh\necho run >>"$PLUGIN_LOG"\n${text}\n` });
const certificate = ({ certificates: { jane } }: World) => ({
  clientCertificateData: readFileSync(jane.cert, 'utf8'),
  clientKeyData: readFileSync(jane.key, 'utf8'),
});
const SAYS = /user "u": exec plugin \S*plugin\.sh /;

/** Plugins. */
export const plugins: readonly Case[] = [
  { name: 'token', kubeconfig: withExec(), files: script(TOKEN), pluginRuns: 1 },
  {
    name: 'v1beta1',
    kubeconfig: withExec({ apiVersion: VERSION, interactiveMode: undefined }),
    files: script(TOKEN, { version: 'v1beta1' }),
    pluginRuns: 1,
  },
  { name: 'v1 without an interactiveMode', kubeconfig: withExec({ interactiveMode: undefined }), files: script(TOKEN) },
  {
    name: 'an interactiveMode that nobody knows',
    kubeconfig: withExec({ interactiveMode: 'Sometimes' }),
    files: script(TOKEN),
    kflowSays: /plugin\.sh/,
  },
  {
    name: 'v1alpha1',
    kubeconfig: withExec({ apiVersion: 'client.authentication.k8s.io/v1alpha1' }),
    files: script(TOKEN, { version: 'v1alpha1' }),
    kflowSays: /plugin\.sh.*apiVersion/,
  },
  { name: 'another API', kubeconfig: withExec({ apiVersion: 'example.org/v1' }), files: script(TOKEN) },
  { name: 'no apiVersion', kubeconfig: withExec({ apiVersion: undefined }), files: script(TOKEN) },
  { name: 'no command', kubeconfig: withExec({ command: undefined }) },
  {
    name: 'relative command below the folder',
    kubeconfig: withExec({ command: 'bin/plugin.sh' }),
    files: () => ({ 'bin/plugin.sh': plugin(TOKEN) }),
    pluginRuns: 1,
  },
  {
    name: 'absolute command',
    kubeconfig: (world) => kubeconfig(world, { user: exec({ command: `${world.folder}/plugin.sh` }) }),
    files: script(TOKEN),
  },
  {
    name: 'command in PATH',
    kubeconfig: withExec({ command: 'plugin.sh' }),
    files: () => ({ 'bin/plugin.sh': plugin(TOKEN) }),
    env: ({ folder }) => ({ PATH: `${folder}/bin:${process.env.PATH}` }),
  },
  {
    name: 'command beside the kubeconfig, without a path',
    kubeconfig: withExec({ command: 'plugin.sh' }),
    files: script(TOKEN),
    kflowSays: /plugin\.sh is not found/,
  },
  {
    name: 'args and env',
    kubeconfig: withExec({ args: ['get-token', '--x', 'a b'], env: [{ name: 'MORE', value: 'yes' }] }),
    files: script(TOKEN),
  },
  { name: 'args that are null', kubeconfig: withExec({ args: null, env: null }), files: script(TOKEN) },
  { name: 'a variable without a name', kubeconfig: withExec({ env: [{ value: 'SECRET' }] }), files: script(TOKEN) },
  {
    name: 'provideClusterInfo',
    kubeconfig: withExec({ provideClusterInfo: true }),
    files: script(TOKEN),
    pluginRuns: 1,
  },
  {
    name: 'provideClusterInfo with all there is',
    kubeconfig: withExec({ provideClusterInfo: true }, (world) => ({
      ...{
        'certificate-authority-data': undefined,
        'certificate-authority': world.certificates.ca,
        'tls-server-name': 'other.kflow.test',
      },
      ...{ 'proxy-url': `http://127.0.0.1:${world.cluster.proxies.httpPort}`, 'disable-compression': true },
      extensions: [
        { name: 'client.authentication.k8s.io/exec', extension: { audience: 'a', more: [1, true] } },
        { name: 'other', extension: {} },
      ],
    })),
    files: script(TOKEN),
  },
  {
    name: 'provideClusterInfo with skip-verify',
    kubeconfig: withExec({ provideClusterInfo: true }, () => ({
      'certificate-authority-data': undefined,
      'insecure-skip-tls-verify': true,
    })),
    files: script(TOKEN),
  },
  {
    name: 'provideClusterInfo, v1beta1',
    kubeconfig: withExec({ apiVersion: VERSION, provideClusterInfo: true }, (world) => ({
      server: `${secure(world).server}/path/`,
    })),
    files: script(TOKEN, { version: 'v1beta1' }),
  },
  {
    name: 'what it says on stderr is seen',
    kubeconfig: withExec(),
    files: script(TOKEN, { first: 'echo please wait >&2' }),
    kflowSays: /^please wait$/m,
  },
  {
    name: 'it fails, with a reason',
    kubeconfig: withExec(),
    files: raw('echo "log in first" >&2; exit 7'),
    kflowSays: /log in first\nkflow: .*exec plugin \S+ failed with exit status 7/,
    pluginRuns: 1,
  },
  {
    name: 'it fails without a reason',
    kubeconfig: withExec(),
    files: raw('exit 3'),
    kflowSays: /exec plugin \S+ failed with exit status 3/,
    pluginRuns: 1,
  },
  { name: 'it is killed', kubeconfig: withExec(), files: raw('kill -9 $$'), kflowSays: SAYS },
  { name: 'it prints nothing', kubeconfig: withExec(), files: raw('true'), kflowSays: SAYS },
  { name: 'it prints words', kubeconfig: withExec(), files: raw('echo SECRET words'), kflowSays: SAYS },
  {
    name: 'it prints half an object',
    kubeconfig: withExec(),
    files: raw(`echo '{"kind": "ExecCredential", "status": {"token": "SECRET'`),
    kflowSays: SAYS,
  },
  {
    name: 'it prints another kind',
    kubeconfig: withExec(),
    files: raw(`echo '{"kind":"Pod","apiVersion":"client.authentication.k8s.io/v1","status":{"token":"SECRET"}}'`),
  },
  {
    name: 'it answers in another version',
    kubeconfig: withExec(),
    files: script(TOKEN, { version: 'v1beta1' }),
    kflowSays: /apiVersion/,
  },
  {
    name: 'it answers without a version',
    kubeconfig: withExec(),
    files: raw(`echo '{"kind":"ExecCredential","status":{"token":"SECRET"}}'`),
  },
  { name: 'no status', kubeconfig: withExec(), files: script(undefined), kflowSays: /without a status/ },
  { name: 'a status without anything', kubeconfig: withExec(), files: script({}) },
  { name: 'a token that is a number', kubeconfig: withExec(), files: script({ token: 7 }) },
  {
    name: 'a certificate without a key',
    kubeconfig: withExec(),
    files: (world) => ({ 'plugin.sh': plugin({ clientCertificateData: certificate(world).clientCertificateData }) }),
  },
  {
    name: 'a certificate that is garbage',
    kubeconfig: withExec(),
    files: script({ clientCertificateData: 'SECRET', clientKeyData: 'SECRET' }),
    kflowSays: SAYS,
  },
  {
    name: 'a certificate',
    kubeconfig: withExec(),
    files: (world) => ({ 'plugin.sh': plugin(certificate(world)) }),
    pluginRuns: 1,
  },
  {
    name: 'a certificate and a token',
    kubeconfig: withExec(),
    files: (world) => ({ 'plugin.sh': plugin({ ...certificate(world), ...TOKEN }) }),
  },
  {
    name: 'an expiry',
    kubeconfig: withExec(),
    files: script({ ...TOKEN, expirationTimestamp: '2099-01-01T00:00:00Z' }),
    pluginRuns: 1,
  },
  {
    name: 'an expiry that is no time',
    kubeconfig: withExec(),
    files: script({ ...TOKEN, expirationTimestamp: 'soon' }),
  },
  {
    name: 'an expiry without a zone',
    kubeconfig: withExec(),
    files: script({ ...TOKEN, expirationTimestamp: '2099-01-01T00:00:00' }),
  },
  {
    name: 'YAML',
    kubeconfig: withExec(),
    files: raw(
      'printf "kind: ExecCredential\\napiVersion: client.authentication.k8s.io/v1\\nstatus: {token: SECRET-yaml}\\n"',
    ),
  },
  {
    name: 'a command that is not there',
    kubeconfig: withExec({ command: 'no-such-plugin', installHint: 'get it at\nhttps://example.org' }),
    kflowSays: /exec plugin no-such-plugin is not found; get it at https:\/\/example\.org$/m,
  },
  {
    name: 'a command that cannot be run',
    kubeconfig: withExec({ command: './plugin' }),
    files: () => ({ plugin: plugin(TOKEN) }),
    kflowSays: /exec plugin \S*plugin /,
  },
  { name: 'stdin without a terminal', kubeconfig: withExec({ interactiveMode: 'IfAvailable' }), files: script(TOKEN) },
  { name: 'interactiveMode Never', kubeconfig: withExec({ interactiveMode: 'Never' }), files: script(TOKEN) },
  {
    name: 'interactiveMode Always without a terminal',
    kubeconfig: withExec({ interactiveMode: 'Always' }),
    files: script(TOKEN),
    kflowSays: /plugin\.sh needs a terminal/,
  },
  {
    name: 'stdin on a terminal',
    kubeconfig: withExec({ interactiveMode: 'IfAvailable' }),
    files: script(TOKEN),
    terminal: true,
  },
  {
    name: 'interactiveMode Never on a terminal',
    kubeconfig: withExec({ interactiveMode: 'Never' }),
    files: script(TOKEN),
    terminal: true,
  },
  {
    name: 'interactiveMode Always on a terminal',
    kubeconfig: withExec({ interactiveMode: 'Always' }),
    files: script(TOKEN),
    terminal: true,
  },
  {
    name: 'slower than the request timeout',
    kubeconfig: withExec(),
    files: script(TOKEN, { first: 'sleep 5' }),
    pluginRuns: 1,
  },
  {
    name: 'beside a token, which wins',
    kubeconfig: (world) => kubeconfig(world, { user: { ...exec(), token: 'SECRET-token' } }),
    files: script(TOKEN),
    pluginRuns: 0,
  },
  {
    name: 'beside a tokenFile',
    kubeconfig: (world) => kubeconfig(world, { user: { ...exec(), tokenFile: 'token' } }),
    files: () => ({ 'plugin.sh': plugin(TOKEN), token: 'SECRET-file' }),
    pluginRuns: 0,
  },
  {
    name: 'beside a password',
    kubeconfig: (world) => kubeconfig(world, { user: { ...exec(), username: 'me', password: 'SECRET' } }),
    files: script(TOKEN),
    pluginRuns: 0,
  },
  {
    name: 'beside a certificate',
    kubeconfig: (world) =>
      kubeconfig(world, {
        user: {
          ...exec(),
          'client-certificate': world.certificates.joe.cert,
          'client-key': world.certificates.joe.key,
        },
      }),
    files: script(TOKEN),
    pluginRuns: 0,
  },
  {
    name: 'beside an auth-provider',
    kubeconfig: (world) => kubeconfig(world, { user: { ...exec(), 'auth-provider': { name: 'oidc' } } }),
    files: script(TOKEN),
  },
  {
    name: 'with impersonation',
    kubeconfig: (world) => kubeconfig(world, { user: { ...exec(), as: 'admin', 'as-groups': ['g'] } }),
    files: script(TOKEN),
  },
  {
    name: 'over plain HTTP it is not run',
    kubeconfig: (world) => ({
      ...kubeconfig(world, { user: exec() }),
      clusters: [{ name: 'c', cluster: plain(world) }],
    }),
    files: script(TOKEN),
    pluginRuns: 0,
  },
];
