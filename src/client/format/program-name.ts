/**
 * How commands that are shown call this program. What npx fetched, or `npm start` ran, is not on the PATH. `name`: "kflow", or "kubectl
 * kflow" of the plugin.
 */
export function programToPaste(name: string, env: NodeJS.ProcessEnv): string {
  return env.npm_lifecycle_event === 'npx' || env.npm_lifecycle_event === 'start' ? 'npx kflow' : name;
}
