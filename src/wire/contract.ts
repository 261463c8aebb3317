import { loadSync, type PackageDefinition } from '@grpc/proto-loader';
import { packageFile } from '../package-file.ts';
import { LOADER_OPTIONS } from './loader-options.ts';

export const PROTO_DIRECTORY = packageFile('proto');

/** The file in `PROTO_DIRECTORY` that defines the service. */
export const PROTO_FILE = 'kflow/v1/flows.proto';

/** Loads the contract from its file. A build replaces this call with the loaded result (scripts/build/contract.ts). */
export function loadContract(): PackageDefinition {
  return loadSync(PROTO_FILE, { ...LOADER_OPTIONS, includeDirs: [PROTO_DIRECTORY] });
}
