/**
 * How commands for the user call this program. A program started by npx or `npm start` is not in the PATH. `name`: "kflow", or "kubectl
 * kflow" for the plugin.
 */
export function programToPaste(name: string, env: NodeJS.ProcessEnv): string {
  return env.npm_lifecycle_event === 'npx' || env.npm_lifecycle_event === 'start' ? 'npx kflow' : name;
}
