/** The contract as the programs read it: what its file says, without the time that reading it takes (10 ms of each start). */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Plugin } from 'esbuild';
import protobuf from 'protobufjs';
import { LOADER_OPTIONS } from '../../src/wire/loader-options.ts';

const MODULE = 'src/wire/contract.ts';
const READ = 'loadSync(PROTO_FILE, { ...LOADER_OPTIONS, includeDirs: [PROTO_DIRECTORY] })';

export function contract(root: string): Plugin {
  return {
    name: 'contract',
    setup(build) {
      build.onLoad({ filter: /\/contract\.ts$/ }, async ({ path }) => {
        if (path !== join(root, MODULE)) return undefined;
        const source = readFileSync(path, 'utf8');
        const parsed = `fromJSON(${JSON.stringify(await readContract(root))}, LOADER_OPTIONS)`;
        const contents = source.replace(READ, () => parsed).replace('import { loadSync,', 'import { fromJSON,');
        if (!contents.includes(parsed) || contents.includes('loadSync'))
          throw new Error(`${MODULE} reads the contract in another way: scripts/build/contract.ts`);
        return { contents, loader: 'ts' };
      });
    },
  };
}

async function readContract(root: string): Promise<protobuf.INamespace> {
  const parsed = new protobuf.Root();
  parsed.resolvePath = (_, target) => (target.startsWith('google/') ? target : join(root, 'proto', target));
  await parsed.load('kflow/v1/flows.proto', LOADER_OPTIONS);
  return parsed.toJSON();
}
