import { readFileSync } from 'node:fs';
import type { Case, World } from '../compare.ts';
import { kubeconfig, plain } from './kubeconfig.ts';

const cluster = (value: (world: World) => Readonly<Record<string, unknown>>) => (world: World) =>
  kubeconfig(world, { cluster: value(world) });
const NO_CA = { 'certificate-authority-data': undefined };
const certified = ({ certificates: { jane } }: World) => ({ 'client-certificate': jane.cert, 'client-key': jane.key });
const named = ({ cluster: { port } }: World) => ({ server: `https://api.kflow.test:${port}` });
const namedPlain = ({ cluster: { plainPort } }: World) => ({ server: `http://api.kflow.test:${plainPort}`, ...NO_CA });
const http = ({ cluster: { proxies } }: World) => `http://127.0.0.1:${proxies.httpPort}`;
const https = ({ cluster: { proxies } }: World) => `https://127.0.0.1:${proxies.httpsPort}`;
const socks = ({ cluster: { proxies } }: World) => `socks5://127.0.0.1:${proxies.socksPort}`;
const via = (proxy: (world: World) => string, more: Readonly<Record<string, unknown>> = {}) =>
  cluster((world) => ({ ...named(world), 'proxy-url': proxy(world), ...more }));
const closed = 'http://127.0.0.1:1';

/** The way to the server: address, TLS, proxy. */
export const transport: readonly Case[] = [
  {
    name: 'certificate authority in a file',
    kubeconfig: cluster(({ certificates }) => ({ ...NO_CA, 'certificate-authority': certificates.ca })),
  },
  {
    name: 'certificate authority in a relative file',
    kubeconfig: cluster(() => ({ ...NO_CA, 'certificate-authority': 'ca.crt' })),
    files: ({ certificates }) => ({ 'ca.crt': readFileSync(certificates.ca) }),
  },
  {
    name: 'certificate authority that is missing',
    kubeconfig: cluster(() => ({ ...NO_CA, 'certificate-authority': 'no.crt' })),
    kflowSays: /cluster "c".*no\.crt/,
  },
  {
    name: 'certificate authority as file and as data',
    kubeconfig: cluster(({ certificates }) => ({ 'certificate-authority': certificates.ca })),
  },
  {
    name: 'certificate authority that is garbage',
    kubeconfig: cluster(() => ({ 'certificate-authority-data': Buffer.from('SECRET').toString('base64') })),
    kflowSays: /cluster "c"/,
  },
  {
    name: 'certificate authority data that is no base64',
    kubeconfig: cluster(() => ({ 'certificate-authority-data': '%%%' })),
  },
  {
    name: 'another certificate authority',
    kubeconfig: cluster(({ certificates, base64 }) => ({ 'certificate-authority-data': base64(certificates.otherCa) })),
  },
  { name: 'no certificate authority', kubeconfig: cluster(() => NO_CA) },
  {
    name: "the system's certificate authorities",
    kubeconfig: cluster(() => NO_CA),
    env: ({ certificates }) => ({ SSL_CERT_FILE: certificates.ca }),
  },
  { name: 'insecure-skip-tls-verify', kubeconfig: cluster(() => ({ ...NO_CA, 'insecure-skip-tls-verify': true })) },
  {
    name: 'insecure-skip-tls-verify beside authority data',
    kubeconfig: cluster(() => ({ 'insecure-skip-tls-verify': true })),
    kflowSays: /cluster "c".*insecure-skip-tls-verify/,
  },
  {
    name: 'insecure-skip-tls-verify beside an authority file',
    kubeconfig: cluster(({ certificates }) => ({
      ...NO_CA,
      'certificate-authority': certificates.ca,
      'insecure-skip-tls-verify': true,
    })),
  },
  {
    name: 'insecure-skip-tls-verify that is a text',
    kubeconfig: cluster(() => ({ ...NO_CA, 'insecure-skip-tls-verify': 'true' })),
  },
  {
    name: 'insecure-skip-tls-verify and authority over plain HTTP',
    kubeconfig: cluster((world) => ({ ...plain(world), 'insecure-skip-tls-verify': true })),
  },
  { name: 'tls-server-name', kubeconfig: cluster(() => ({ 'tls-server-name': 'other.kflow.test' })) },
  {
    name: 'tls-server-name that the certificate has not',
    kubeconfig: cluster(() => ({ 'tls-server-name': 'wrong.kflow.test' })),
  },
  {
    name: 'tls-server-name that is an address',
    kubeconfig: cluster(({ cluster: { port } }) => ({
      server: `https://localhost:${port}`,
      'tls-server-name': '127.0.0.1',
    })),
  },
  {
    name: 'a name as server',
    kubeconfig: cluster(({ cluster: { port } }) => ({ server: `https://localhost:${port}` })),
  },
  {
    name: 'server with a slash',
    kubeconfig: cluster(({ cluster: { port } }) => ({ server: `https://127.0.0.1:${port}/` })),
  },
  {
    name: 'server with a path',
    kubeconfig: cluster(({ cluster: { port } }) => ({ server: `https://127.0.0.1:${port}/k8s/clusters/c-1` })),
  },
  {
    name: 'server with a path and a slash',
    kubeconfig: cluster(({ cluster: { port } }) => ({ server: `https://127.0.0.1:${port}/a/b/` })),
  },
  {
    name: 'server with a query',
    kubeconfig: cluster(({ cluster: { port } }) => ({ server: `https://127.0.0.1:${port}/a?b=c#d` })),
  },
  {
    name: 'server with a password, and no user',
    kubeconfig: (world) =>
      kubeconfig(world, { cluster: { server: `https://me:SECRET@127.0.0.1:${world.cluster.port}` }, user: {} }),
  },
  {
    name: 'server in capitals',
    kubeconfig: cluster(({ cluster: { port } }) => ({ server: `HTTPS://127.0.0.1:${port}` })),
  },
  { name: 'plain HTTP', kubeconfig: cluster(plain) },
  {
    name: 'without a scheme',
    kubeconfig: cluster(({ cluster: { plainPort } }) => ({ ...NO_CA, server: `127.0.0.1:${plainPort}` })),
  },
  {
    name: 'without a scheme, with a name',
    kubeconfig: cluster(({ cluster: { plainPort } }) => ({ ...NO_CA, server: `localhost:${plainPort}` })),
  },
  {
    name: 'without a scheme, with an authority',
    kubeconfig: cluster(({ cluster: { plainPort } }) => ({ server: `127.0.0.1:${plainPort}` })),
  },
  {
    name: 'without a scheme, with a certificate',
    kubeconfig: (world) =>
      kubeconfig(world, {
        cluster: { server: `127.0.0.1:${world.cluster.plainPort}`, ...NO_CA },
        user: certified(world),
      }),
  },
  {
    name: 'without a scheme, with skip-verify',
    kubeconfig: cluster(({ cluster: { plainPort } }) => ({
      ...NO_CA,
      server: `127.0.0.1:${plainPort}`,
      'insecure-skip-tls-verify': true,
    })),
  },
  {
    name: 'without a scheme, with a path',
    kubeconfig: cluster(({ cluster: { plainPort } }) => ({ ...NO_CA, server: `127.0.0.1:${plainPort}/a` })),
  },
  { name: 'another scheme', kubeconfig: cluster(({ cluster: { port } }) => ({ server: `ftp://127.0.0.1:${port}` })) },
  { name: 'no server', kubeconfig: cluster(() => ({ server: undefined })), kflowSays: /cluster "c" has no server/ },
  { name: 'server that is a number', kubeconfig: cluster(() => ({ server: 6443 })) },
  { name: 'http proxy', kubeconfig: via(http) },
  { name: 'http proxy, with a slash', kubeconfig: via((world) => `${http(world)}/`) },
  { name: 'http proxy with a password', kubeconfig: via((world) => http(world).replace('//', '//me:SECRET%40x@')) },
  {
    name: 'http proxy, and plain HTTP',
    kubeconfig: cluster((world) => ({ ...namedPlain(world), 'proxy-url': http(world) })),
  },
  {
    name: 'http proxy with a password, and plain HTTP',
    kubeconfig: cluster((world) => ({ ...namedPlain(world), 'proxy-url': http(world).replace('//', '//me:SECRET@') })),
  },
  { name: 'http proxy, with tls-server-name', kubeconfig: via(http, { 'tls-server-name': 'other.kflow.test' }) },
  {
    name: 'http proxy and a certificate',
    kubeconfig: (world) =>
      kubeconfig(world, { cluster: { ...named(world), 'proxy-url': http(world) }, user: certified(world) }),
  },
  { name: 'http proxy to an address', kubeconfig: cluster((world) => ({ 'proxy-url': http(world) })) },
  {
    name: 'http proxy that denies',
    kubeconfig: cluster((world) => ({ server: 'https://denied.kflow.test:6443', 'proxy-url': http(world) })),
    kflowSays: /proxy http:\/\/127\.0\.0\.1:\d+ answered 407/,
  },
  { name: 'http proxy that is not there', kubeconfig: via(() => closed), kflowSays: /proxy http:\/\/127\.0\.0\.1:1: / },
  { name: 'https proxy', kubeconfig: via(https) },
  { name: 'https proxy with a password', kubeconfig: via((world) => https(world).replace('//', '//me:SECRET@')) },
  { name: 'https proxy by name', kubeconfig: via((world) => https(world).replace('127.0.0.1', 'localhost')) },
  {
    name: 'https proxy, and plain HTTP',
    kubeconfig: cluster((world) => ({ ...namedPlain(world), 'proxy-url': https(world) })),
  },
  { name: 'https proxy that another authority signed', kubeconfig: via(https, NO_CA) },
  { name: 'https proxy, with skip-verify', kubeconfig: via(https, { ...NO_CA, 'insecure-skip-tls-verify': true }) },
  { name: 'https proxy, with tls-server-name', kubeconfig: via(https, { 'tls-server-name': 'other.kflow.test' }) },
  {
    name: 'https proxy and a certificate',
    kubeconfig: (world) =>
      kubeconfig(world, { cluster: { ...named(world), 'proxy-url': https(world) }, user: certified(world) }),
  },
  { name: 'socks5 proxy', kubeconfig: via(socks) },
  { name: 'socks5 proxy with a password', kubeconfig: via((world) => socks(world).replace('//', '//me:SECRET%40x@')) },
  { name: 'socks5 proxy to an address', kubeconfig: cluster((world) => ({ 'proxy-url': socks(world) })) },
  {
    name: 'socks5 proxy, and plain HTTP',
    kubeconfig: cluster((world) => ({ ...namedPlain(world), 'proxy-url': socks(world) })),
  },
  { name: 'socks5 proxy, with tls-server-name', kubeconfig: via(socks, { 'tls-server-name': 'other.kflow.test' }) },
  {
    name: 'socks5 proxy and a certificate',
    kubeconfig: (world) =>
      kubeconfig(world, { cluster: { ...named(world), 'proxy-url': socks(world) }, user: certified(world) }),
  },
  {
    name: 'socks5 proxy that is not there',
    kubeconfig: via(() => 'socks5://127.0.0.1:1'),
    kflowSays: /proxy socks5:\/\/127\.0\.0\.1:1: /,
  },
  { name: 'socks5h proxy', kubeconfig: via((world) => socks(world).replace('socks5', 'socks5h')) },
  {
    name: 'socks4 proxy',
    kubeconfig: via((world) => socks(world).replace('socks5', 'socks4')),
    kflowSays: /cluster "c".*proxy-url/,
  },
  { name: 'proxy without a scheme', kubeconfig: via((world) => http(world).replace('http://', '')) },
  { name: 'HTTPS_PROXY', kubeconfig: cluster(named), env: (world) => ({ HTTPS_PROXY: http(world) }) },
  {
    name: 'https_proxy, without a scheme',
    kubeconfig: cluster(named),
    env: (world) => ({ https_proxy: http(world).replace('http://', '') }),
  },
  { name: 'HTTPS_PROXY that is https', kubeconfig: cluster(named), env: (world) => ({ HTTPS_PROXY: https(world) }) },
  { name: 'HTTPS_PROXY that is socks5', kubeconfig: cluster(named), env: (world) => ({ HTTPS_PROXY: socks(world) }) },
  {
    name: 'HTTP_PROXY, and plain HTTP',
    kubeconfig: cluster(namedPlain),
    env: (world) => ({ HTTP_PROXY: http(world) }),
  },
  {
    name: 'HTTPS_PROXY with a password',
    kubeconfig: cluster(named),
    env: (world) => ({ HTTPS_PROXY: http(world).replace('//', '//me:SECRET@') }),
  },
  { name: 'HTTPS_PROXY, but loopback', kubeconfig: cluster(() => ({})), env: () => ({ HTTPS_PROXY: closed }) },
  {
    name: 'HTTPS_PROXY, but localhost',
    kubeconfig: cluster(({ cluster: { port } }) => ({ server: `https://localhost:${port}` })),
    env: () => ({ HTTPS_PROXY: closed }),
  },
  {
    name: 'HTTPS_PROXY, but NO_PROXY of another name',
    kubeconfig: cluster(named),
    env: (world) => ({ HTTPS_PROXY: http(world), NO_PROXY: 'flow.test,10.0.0.0/8' }),
  },
  { name: 'HTTPS_PROXY and proxy-url', kubeconfig: via(socks), env: () => ({ HTTPS_PROXY: closed, NO_PROXY: '*' }) },
  {
    name: 'ALL_PROXY, which kubectl does not use',
    kubeconfig: cluster(() => ({})),
    env: () => ({ ALL_PROXY: closed }),
  },
];
