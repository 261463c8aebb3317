import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Case, World } from '../compare.ts';
import { kubeconfig, plain } from './kubeconfig.ts';

const user = (value: (world: World) => Readonly<Record<string, unknown>>) => (world: World) =>
  kubeconfig(world, { user: value(world) });
const overPlain = (value: Readonly<Record<string, unknown>>) => (world: World) => {
  const config = kubeconfig(world, { user: value });
  return { ...config, clusters: [{ name: 'c', cluster: plain(world) }] };
};
const token = { 'token.txt': 'SECRET-file\n' };

/** Who asks. */
export const users: readonly Case[] = [
  { name: 'token', kubeconfig: user(() => ({ token: 'SECRET-token' })) },
  { name: 'tokenFile, relative', kubeconfig: user(() => ({ tokenFile: 'token.txt' })), files: () => token },
  {
    name: 'tokenFile, absolute',
    kubeconfig: user(({ folder }) => ({ tokenFile: join(folder, 'token.txt') })),
    files: () => token,
  },
  {
    name: 'tokenFile in another folder',
    kubeconfig: user(() => ({ tokenFile: 'a/../b/token' })),
    files: () => ({ 'a/x': '', 'b/token': 'SECRET-b' }),
  },
  {
    name: 'tokenFile beside token',
    kubeconfig: user(() => ({ token: 'SECRET-a', tokenFile: 'token.txt' })),
    files: () => token,
  },
  {
    name: 'tokenFile that is missing',
    kubeconfig: user(() => ({ tokenFile: 'token.txt' })),
    kflowSays: /user "u".*token\.txt/,
  },
  {
    name: 'tokenFile that is missing, beside token',
    kubeconfig: user(() => ({ token: 'SECRET-a', tokenFile: 'token.txt' })),
  },
  {
    name: 'tokenFile that is empty',
    kubeconfig: user(() => ({ tokenFile: 'token.txt' })),
    files: () => ({ 'token.txt': '\n' }),
  },
  {
    name: 'tokenFile that is empty, beside token',
    kubeconfig: user(() => ({ token: 'SECRET-a', tokenFile: 'token.txt' })),
    files: () => ({ 'token.txt': '' }),
  },
  { name: 'tokenFile that is a folder', kubeconfig: user(() => ({ tokenFile: 'elsewhere' })) },
  {
    name: 'tokenFile with blanks around',
    kubeconfig: user(() => ({ tokenFile: 'token.txt' })),
    files: () => ({ 'token.txt': '  SECRET-file \n\n' }),
  },
  {
    name: 'tokenFile beside username',
    kubeconfig: user(() => ({ tokenFile: 'token.txt', username: 'u', password: 'SECRET' })),
    files: () => token,
  },
  {
    name: 'token-file, which kubectl does not know',
    kubeconfig: user(() => ({ 'token-file': 'token.txt' })),
    files: () => token,
  },
  { name: 'token with a line break', kubeconfig: user(() => ({ token: 'SECRET\n' })) },
  { name: 'token that is a number', kubeconfig: user(() => ({ token: 12345 })) },
  { name: 'username and password', kubeconfig: user(() => ({ username: 'jane', password: 'SECRET:ü' })) },
  { name: 'username alone', kubeconfig: user(() => ({ username: 'jane' })) },
  { name: 'password alone', kubeconfig: user(() => ({ password: 'SECRET' })) },
  { name: 'token and password', kubeconfig: user(() => ({ token: 'SECRET', username: 'jane', password: 'SECRET' })) },
  { name: 'nobody', kubeconfig: user(() => ({})) },
  { name: 'user without a body', kubeconfig: (world) => ({ ...kubeconfig(world), users: [{ name: 'u' }] }) },
  { name: 'user that is not there', kubeconfig: (world) => ({ ...kubeconfig(world), users: [] }) },
  { name: 'context without a user', kubeconfig: (world) => kubeconfig(world, { context: { user: undefined } }) },
  {
    name: 'certificate, as data',
    kubeconfig: user(({ certificates: { jane }, base64 }) => ({
      'client-certificate-data': base64(jane.cert),
      'client-key-data': base64(jane.key),
    })),
  },
  {
    name: 'certificate, in files',
    kubeconfig: user(({ certificates: { jane } }) => ({ 'client-certificate': jane.cert, 'client-key': jane.key })),
  },
  {
    name: 'certificate, in relative files',
    kubeconfig: user(() => ({ 'client-certificate': 'pki/jane.crt', 'client-key': './pki/jane.key' })),
    files: ({ certificates: { jane } }) => ({
      'pki/jane.crt': readFileSync(jane.cert),
      'pki/jane.key': readFileSync(jane.key),
    }),
  },
  {
    name: 'certificate in a file, key as data',
    kubeconfig: user(({ certificates: { jane }, base64 }) => ({
      'client-certificate': jane.cert,
      'client-key-data': base64(jane.key),
    })),
  },
  {
    name: 'certificate and token',
    kubeconfig: user(({ certificates: { jane } }) => ({
      'client-certificate': jane.cert,
      'client-key': jane.key,
      token: 'SECRET-token',
    })),
  },
  {
    name: 'certificate without a key',
    kubeconfig: user(({ certificates: { jane } }) => ({ 'client-certificate': jane.cert })),
    kflowSays: /user "u"/,
  },
  {
    name: 'key without a certificate',
    kubeconfig: user(({ certificates: { jane } }) => ({ 'client-key': jane.key, token: 'SECRET-token' })),
  },
  {
    name: 'certificate that is missing',
    kubeconfig: user(({ certificates: { jane } }) => ({ 'client-certificate': 'no.crt', 'client-key': jane.key })),
    kflowSays: /no\.crt/,
  },
  {
    name: 'key that is missing',
    kubeconfig: user(({ certificates: { jane } }) => ({ 'client-certificate': jane.cert, 'client-key': 'no.key' })),
    kflowSays: /no\.key/,
  },
  {
    name: 'certificate as file and as data',
    kubeconfig: user(({ certificates: { jane }, base64 }) => ({
      'client-certificate': jane.cert,
      'client-certificate-data': base64(jane.cert),
      'client-key': jane.key,
    })),
  },
  {
    name: "another's key",
    kubeconfig: user(({ certificates: { jane, joe } }) => ({ 'client-certificate': jane.cert, 'client-key': joe.key })),
    kflowSays: /user "u"/,
  },
  {
    name: 'certificate that is garbage',
    kubeconfig: user(({ certificates: { jane } }) => ({ 'client-certificate': 'kubeconfig', 'client-key': jane.key })),
  },
  {
    name: 'certificate data that is no base64',
    kubeconfig: user(() => ({ 'client-certificate-data': '%%%', 'client-key-data': 'SECRET' })),
  },
  {
    name: 'impersonation of a name that is not ASCII',
    kubeconfig: user(() => ({ token: 'SECRET-ü', as: 'Jürgen 名', 'as-groups': ['é'], 'as-user-extra': { ö: ['ß'] } })),
  },
  { name: 'impersonation', kubeconfig: user(() => ({ token: 'SECRET-token', as: 'admin' })) },
  {
    name: 'impersonation with groups',
    kubeconfig: user(() => ({ token: 'SECRET-token', as: 'admin', 'as-groups': ['one', 'system:masters'] })),
  },
  {
    name: 'impersonation with a uid',
    kubeconfig: user(() => ({ token: 'SECRET-token', as: 'admin', 'as-uid': '42-a' })),
  },
  {
    name: 'impersonation with extra',
    kubeconfig: user(() => ({
      token: 'SECRET-token',
      as: 'admin',
      'as-user-extra': { scopes: ['a', 'b'], 'example.org/Reason %': ['x y'], none: [] },
    })),
  },
  {
    name: 'impersonation with all, and a certificate',
    kubeconfig: user(({ certificates: { jane } }) => ({
      'client-certificate': jane.cert,
      'client-key': jane.key,
      as: 'admin',
      'as-uid': '42',
      'as-groups': ['g'],
      'as-user-extra': { k: ['v'] },
    })),
  },
  {
    name: 'groups without a user',
    kubeconfig: user(() => ({ token: 'SECRET-token', 'as-groups': ['one'] })),
    kflowSays: /user "u".*as-groups/,
  },
  { name: 'uid without a user', kubeconfig: user(() => ({ token: 'SECRET-token', 'as-uid': '1' })) },
  { name: 'extra without a user', kubeconfig: user(() => ({ token: 'SECRET-token', 'as-user-extra': { a: ['b'] } })) },
  { name: 'groups that are no list', kubeconfig: user(() => ({ as: 'a', 'as-groups': 'one' })) },
  { name: 'a token over plain HTTP is not sent', kubeconfig: overPlain({ token: 'SECRET-token' }) },
  { name: 'a password over plain HTTP is not sent', kubeconfig: overPlain({ username: 'jane', password: 'SECRET' }) },
  { name: 'a tokenFile over plain HTTP is not even read', kubeconfig: overPlain({ tokenFile: 'missing' }) },
  {
    name: 'impersonation over plain HTTP',
    kubeconfig: overPlain({ token: 'SECRET-token', as: 'admin', 'as-groups': ['g'] }),
  },
  {
    name: 'auth-provider gcp',
    kubeconfig: user(() => ({ 'auth-provider': { name: 'gcp', config: { 'access-token': 'SECRET' } } })),
    kflowSays: /user "u".*auth-provider "gcp"/,
  },
  { name: 'auth-provider azure', kubeconfig: user(() => ({ 'auth-provider': { name: 'azure' } })) },
  { name: 'auth-provider that nobody knows', kubeconfig: user(() => ({ 'auth-provider': { name: 'other' } })) },
  { name: 'auth-provider oidc with a valid id-token', kubeconfig: user(() => oidc({ 'id-token': jwt(4102444800) })) },
  { name: 'auth-provider oidc whose id-token has ended', kubeconfig: user(() => oidc({ 'id-token': jwt(1) })) },
  { name: 'auth-provider oidc without an id-token', kubeconfig: user(() => oidc({})) },
];

function oidc(more: Readonly<Record<string, string>>) {
  return {
    'auth-provider': {
      name: 'oidc',
      config: { 'idp-issuer-url': 'https://127.0.0.1:1', 'client-id': 'kube', ...more },
    },
  };
}

function jwt(exp: number): string {
  const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
  return `${part({ alg: 'none' })}.${part({ iss: 'x', exp })}.SECRET`;
}
