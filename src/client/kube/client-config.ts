import { registerHooks } from 'node:module';
import type * as ClientNode from '@kubernetes/client-node';

const INDEX = import.meta.resolve('@kubernetes/client-node');
const CONFIG = new URL('config.js', INDEX).href;
const NEEDED = `
export { createConfiguration } from '${new URL('gen/configuration.js', INDEX)}';
export { ServerConfiguration } from '${new URL('gen/servers.js', INDEX)}';
`;

/**
 * client-node's KubeConfig. It needs two names of client-node's generated API, but imports all of it: a thousand files, which
 * take most of the time until the first rows. Here it is given those two. Who needs the API imports client-node as ever, and
 * has the same KubeConfig.
 */
export async function clientConfig(): Promise<Pick<typeof ClientNode, 'KubeConfig'>> {
  const hooks = registerHooks({
    resolve(specifier, context, next) {
      if (context.parentURL !== CONFIG || specifier !== './gen/index.js') return next(specifier, context);
      return { url: `data:text/javascript,${encodeURIComponent(NEEDED)}`, format: 'module', shortCircuit: true };
    },
  });
  try {
    return await import(CONFIG);
  } finally {
    hooks.deregister();
  }
}
