import { join } from 'node:path';
import type { Case, World } from '../compare.ts';
import { kubeconfig, plain } from './kubeconfig.ts';

const text = (world: World) => JSON.stringify(kubeconfig(world), undefined, 1);
/** Both read what KUBECONFIG lists. */
const listed = (...names: readonly string[]) => ({
  args: () => [],
  env: ({ folder }: World) => ({ KUBECONFIG: names.map((name) => (name === '' ? '' : join(folder, name))).join(':') }),
});
const LEFTOVERS = {
  clusters: [{ name: 'half' }, { name: 'empty', cluster: {} }, { name: 'none', cluster: null }],
  users: [{ name: 'half' }, { name: 'none', user: null }],
  contexts: [{ name: 'half' }, { name: 'half2', context: { user: 'u' } }, { name: 'none', context: null }],
};

/** What is read, and how. */
export const files: readonly Case[] = [
  { name: '--kubeconfig', kubeconfig },
  { name: 'KUBECONFIG', kubeconfig, ...listed('kubeconfig') },
  {
    name: '~/.kube/config',
    kubeconfig: () => '',
    files: (world) => ({ 'home/.kube/config': text(world) }),
    args: () => [],
  },
  { name: 'KUBECONFIG with a missing and an empty name', kubeconfig, ...listed('', 'no', 'kubeconfig') },
  { name: 'KUBECONFIG with an empty file', kubeconfig, files: () => ({ empty: '' }), ...listed('empty', 'kubeconfig') },
  {
    name: 'KUBECONFIG with a file of comments',
    kubeconfig,
    files: () => ({ notes: '# nothing here\n\n# nor here\n' }),
    ...listed('notes', 'kubeconfig'),
  },
  {
    name: 'KUBECONFIG with a file of blanks',
    kubeconfig,
    files: () => ({ notes: '\n \n---\n' }),
    ...listed('notes', 'kubeconfig'),
  },
  { name: 'KUBECONFIG with the same file twice', kubeconfig, ...listed('kubeconfig', 'kubeconfig') },
  {
    name: 'KUBECONFIG with a file that is broken',
    kubeconfig,
    files: () => ({ broken: 'users: [{SECRET' }),
    ...listed('kubeconfig', 'broken'),
    kflowSays: /broken is not a kubeconfig/,
  },
  { name: 'KUBECONFIG with a folder', kubeconfig, ...listed('elsewhere', 'kubeconfig') },
  {
    name: 'KUBECONFIG in parts: cluster, user and context',
    kubeconfig: (world) => ({ clusters: kubeconfig(world).clusters }),
    files: (world) => {
      const { users, contexts } = kubeconfig(world);
      return { users: JSON.stringify({ users }), contexts: JSON.stringify({ contexts, 'current-context': 'x' }) };
    },
    ...listed('contexts', 'kubeconfig', 'users'),
  },
  {
    name: 'KUBECONFIG with two entries of a name: the first counts',
    kubeconfig,
    files: () => ({
      other: JSON.stringify({ users: [{ name: 'u', user: { token: 'SECRET-other' } }], 'current-context': 'x' }),
    }),
    ...listed('other', 'kubeconfig'),
  },
  {
    name: 'paths are relative to the file that has them',
    kubeconfig: (world) => ({ ...kubeconfig(world), users: [] }),
    files: () => ({
      'sub/users': JSON.stringify({ users: [{ name: 'u', user: { tokenFile: 'token' } }] }),
      'sub/token': 'SECRET-sub',
    }),
    ...listed('kubeconfig', 'sub/users'),
  },
  { name: 'leftovers beside a good context', kubeconfig: (world) => joined(kubeconfig(world), LEFTOVERS) },
  {
    name: 'an entry without a name',
    kubeconfig: (world) =>
      joined(kubeconfig(world), { clusters: [{ cluster: { server: 'https://x' } }], users: [{}], contexts: [{}] }),
  },
  {
    name: 'a duplicate user',
    kubeconfig: (world) => joined(kubeconfig(world), { users: [{ name: 'u', user: { token: 'SECRET-b' } }] }),
    kflowSays: /kubeconfig is not a kubeconfig: users has two entries.*"u"/,
  },
  {
    name: 'a duplicate cluster',
    kubeconfig: (world) => joined(kubeconfig(world), { clusters: [{ name: 'c', cluster: plain(world) }] }),
  },
  {
    name: 'a duplicate context',
    kubeconfig: (world) => joined(kubeconfig(world), { contexts: [{ name: 'x', context: { cluster: 'c' } }] }),
  },
  { name: 'UTF-16, little-endian', kubeconfig: (world) => utf16(text(world), false) },
  { name: 'UTF-16, big-endian', kubeconfig: (world) => utf16(text(world), true) },
  { name: 'UTF-16 without a mark', kubeconfig: (world) => utf16(text(world), false).subarray(2) },
  { name: 'UTF-8 with a mark', kubeconfig: (world) => `\ufeff${text(world)}` },
  {
    name: 'not UTF-8',
    kubeconfig: (world) => Buffer.concat([Buffer.from('# '), Buffer.from([0xff, 0x0a]), Buffer.from(text(world))]),
  },
  { name: 'CRLF', kubeconfig: (world) => yaml(world).replaceAll('\n', '\r\n') },
  { name: 'YAML, with comments and words for true', kubeconfig: (world) => yaml(world) },
  { name: 'a second document does not count', kubeconfig: (world) => `${yaml(world)}---\nfoo: [\n` },
  { name: 'a mark before the document', kubeconfig: (world) => `# a comment\n---\n${yaml(world)}` },
  { name: 'a key twice: the last counts', kubeconfig: (world) => `current-context: other\n${yaml(world)}` },
  { name: 'of another kind', kubeconfig: (world) => ({ ...kubeconfig(world), kind: 'Pod' }) },
  { name: 'of another version', kubeconfig: (world) => ({ ...kubeconfig(world), apiVersion: 'v2' }) },
  {
    name: 'without kind and version',
    kubeconfig: (world) => ({ ...kubeconfig(world), kind: undefined, apiVersion: undefined }),
  },
  {
    name: 'fields that nobody knows',
    kubeconfig: (world) => ({ ...kubeconfig(world), more: [1], preferences: { colors: true } }),
  },
  { name: 'a list in place of an object', kubeconfig: () => '[1, 2]' },
  { name: 'a word', kubeconfig: () => 'SECRET' },
  {
    name: 'users that are an object',
    kubeconfig: (world) => ({ ...kubeconfig(world), users: { u: { token: 'SECRET' } } }),
  },
  {
    name: '--context',
    kubeconfig: (world) => joined({ ...kubeconfig(world), 'current-context': 'half' }, LEFTOVERS),
    args: ({ folder }) => ['--kubeconfig', join(folder, 'kubeconfig'), '--context', 'x'],
  },
  {
    name: '--context that is not there',
    kubeconfig,
    args: ({ folder }) => ['--kubeconfig', join(folder, 'kubeconfig'), '--context', 'nope'],
    kflowSays: /no context "nope"/,
  },
  {
    name: 'current context that is not there',
    kubeconfig: (world) => ({ ...kubeconfig(world), 'current-context': 'nope' }),
    kflowSays: /no context "nope"/,
  },
  {
    name: 'cluster that is not there',
    kubeconfig: (world) => kubeconfig(world, { context: { cluster: 'nope' } }),
    kflowSays: /context "x".*"nope"/,
  },
  {
    name: '--kubeconfig that is not there',
    kubeconfig,
    args: ({ folder }) => ['--kubeconfig', join(folder, 'nope')],
    kflowSays: /nope cannot be read/,
  },
];

function joined<T extends object>(config: T, more: Readonly<Record<string, readonly unknown[]>>): T {
  const lists = Object.entries(more).map(([key, list]) => [
    key,
    [...((config as Record<string, unknown[]>)[key] ?? []), ...list],
  ]);
  return { ...config, ...Object.fromEntries(lists) };
}

function utf16(content: string, bigEndian: boolean): Buffer {
  const bytes = Buffer.from(`\ufeff${content}`, 'utf16le');
  return bigEndian ? bytes.swap16() : bytes;
}

const yaml = (world: World) => `# made by hand
clusters:
- name: c
  cluster:
    server: https://127.0.0.1:${world.cluster.port}   # ours
    insecure-skip-tls-verify: yes
users:
- name: u
  user: {token: "SECRET-token"}
contexts:
- {name: x, context: {cluster: c, user: u}}
current-context: x
`;
