import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { handleBidiStreamingCall, MethodDefinition, Server, ServiceDefinition } from '@grpc/grpc-js';
import { ReflectionService } from '@grpc/reflection';
import { PROTO_DIRECTORY } from '../../wire/contract.ts';

export interface ReflectionMethod {
  readonly definition: MethodDefinition<unknown, unknown>;
  readonly handle: handleBidiStreamingCall<unknown, unknown>;
}

/**
 * Loads the methods of server reflection, v1 and v1alpha, by path. They serve the descriptors that `buf build` made. The
 * descriptors that proto-loader rebuilds have wrong names for map entries; grpcurl then rejects the whole file, including
 * grpc.health.v1.
 */
export function loadReflectionMethods(): ReadonlyMap<string, ReflectionMethod> {
  const fileDescriptorProtos = readFileDescriptors(readFileSync(join(PROTO_DIRECTORY, 'descriptors.binpb')));
  const definition = { descriptors: { format: 'Protocol Buffer 3 DescriptorProto', type: {}, fileDescriptorProtos } };
  const methods = new Map<string, ReflectionMethod>();
  const addService = (service: ServiceDefinition, handlers: Readonly<Record<string, ReflectionMethod['handle']>>) => {
    for (const [name, method] of Object.entries(service)) {
      const handle = handlers[name];
      if (handle !== undefined) methods.set(method.path, { definition: method, handle });
    }
  };
  const service = new ReflectionService(definition as ConstructorParameters<typeof ReflectionService>[0]);
  service.addToServer({ addService } as unknown as Server);
  return methods;
}

/** Splits a serialized FileDescriptorSet into its files. It is a sequence of field 1: a tag, a length, a file. */
function readFileDescriptors(set: Buffer): Buffer[] {
  const files: Buffer[] = [];
  for (let at = 0; at < set.length; ) {
    if (set[at++] !== 0x0a) throw new Error('proto/descriptors.binpb is not a FileDescriptorSet: run npm run proto');
    let length = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = set[at++] ?? 0;
      length |= (byte & 0x7f) << shift;
      if (byte < 0x80) break;
    }
    files.push(set.subarray(at, at + length));
    at += length;
  }
  return files;
}
