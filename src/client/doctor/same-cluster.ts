import type { KubeOptions } from '../kube/config.ts';

/** Makes a command go to the cluster that was asked about: what was given here is given there. */
export function toSameCluster(command: string, { kubeconfig, context }: KubeOptions): string {
  const flags = [
    ...(kubeconfig === undefined ? [] : [`--kubeconfig=${shellWord(kubeconfig)}`]),
    ...(context === undefined ? [] : [`--context=${shellWord(context)}`]),
  ].join(' ');
  if (flags === '') return command;
  return command
    .replaceAll(/\bkubectl (?!kflow\b|config\b)/g, (found) => `${found}${flags} `)
    .replaceAll(/\bkflow (?:install|uninstall)\b/g, (found) => `${found} ${flags}`);
}

function shellWord(text: string): string {
  return /^[\w./:@=-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
