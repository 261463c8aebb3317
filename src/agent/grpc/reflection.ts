import { type Server, type ServerDuplexStream, status } from '@grpc/grpc-js';
import type { ReflectionMethod } from './reflection-methods.ts';

const PATHS = ['v1', 'v1alpha'].map((version) => `/grpc.reflection.${version}.ServerReflection/ServerReflectionInfo`);

/** Adds server reflection. Its code loads on the first call: few agents are ever asked, and loading takes a fifth of the start time. */
export function addReflection(server: Server): void {
  for (const path of PATHS) {
    let method: ReflectionMethod | undefined;
    // gRPC reads a message only after the handler starts to listen. By then the method is loaded.
    const loaded = (): ReflectionMethod['definition'] => {
      if (method === undefined) throw new Error(`${path} is not loaded`);
      return method.definition;
    };
    const ServerReflectionInfo = {
      path,
      requestStream: true,
      responseStream: true,
      requestSerialize: (message: unknown) => loaded().requestSerialize(message),
      requestDeserialize: (bytes: Buffer) => loaded().requestDeserialize(bytes),
      responseSerialize: (message: unknown) => loaded().responseSerialize(message),
      responseDeserialize: (bytes: Buffer) => loaded().responseDeserialize(bytes),
    };
    server.addService(
      { ServerReflectionInfo },
      {
        ServerReflectionInfo: async (call: ServerDuplexStream<unknown, unknown>) => {
          try {
            const { loadReflectionMethods } = await import('./reflection-methods.ts');
            method ??= loadReflectionMethods().get(path);
          } catch (error) {
            call.emit('error', { code: status.INTERNAL, details: (error as Error).message });
            return;
          }
          method?.handle(call);
        },
      },
    );
  }
}
