/**
 * What the lock file says of packages, against what was decided: `npm run dependencies`. A package that begins to run code when
 * it is installed, and a production package that comes in one more version, are to be looked at by a person.
 */
import { readFileSync } from 'node:fs';
import { stderr, stdout } from 'node:process';

/** Production packages that are there in several versions, and who wants the older one. */
const SEVERAL: Readonly<Record<string, string>> = {
  '@grpc/proto-loader': '@grpc/reflection, grpc-health-check',
  '@types/node': '@kubernetes/client-node (types alone)',
  'undici-types': '@kubernetes/client-node (types alone)',
  'ansi-regex': 'blessed-contrib',
  'ansi-styles': 'blessed-contrib',
  chalk: 'blessed-contrib',
  optimist: 'blessed-contrib',
  'string-width': 'cli-table3 of blessed-contrib, cliui of proto-loader',
  'strip-ansi': 'blessed-contrib, cliui of proto-loader',
  'supports-color': 'blessed-contrib',
};

interface Locked {
  readonly version?: string;
  readonly dev?: true;
  readonly hasInstallScript?: true;
}

const read = (file: string) => JSON.parse(readFileSync(file, 'utf8'));
const { packages } = read('package-lock.json') as { packages: Readonly<Record<string, Locked>> };
const { allowScripts } = read('package.json') as { allowScripts: Readonly<Record<string, boolean>> };
const nameOf = (path: string) => path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);
const installed = Object.entries(packages).filter(([path]) => path !== '');

const withScripts = installed.filter(([, { hasInstallScript }]) => hasInstallScript).map(([path]) => nameOf(path));
const versions = new Map<string, Set<string>>();
for (const [path, { version = '', dev }] of installed)
  if (dev !== true) versions.set(nameOf(path), (versions.get(nameOf(path)) ?? new Set()).add(version));
const several = [...versions].filter(([, { size }]) => size > 1).map(([name]) => name);

const missing = (names: readonly string[], decided: object) => names.filter((name) => !(name in decided));
const faults = [
  ['have install scripts, which `npm install-scripts` decides on', missing(withScripts, allowScripts)],
  [
    'are decided on, and have no install script',
    missing(Object.keys(allowScripts), Object.fromEntries(withScripts.map((name) => [name, 1]))),
  ],
  ['come in several versions', missing(several, SEVERAL)],
  ['come in one version now', missing(Object.keys(SEVERAL), Object.fromEntries(several.map((name) => [name, 1])))],
] as const;
for (const [what, names] of faults) if (names.length > 0) stderr.write(`these packages ${what}: ${names.join(', ')}\n`);
if (faults.some(([, names]) => names.length > 0)) process.exitCode = 1;
else
  stdout.write(
    `${installed.length} packages; install scripts: ${withScripts.join(', ')}; in several versions: ${several.length}\n`,
  );
