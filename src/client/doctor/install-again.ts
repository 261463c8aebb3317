import type { Facts } from './facts.ts';

/** How to install over what is there. It names the image, because an install without one goes back to the default. */
export function installAgain({ name, version, cluster }: Facts, namespace: string, more = ''): string {
  return `${name} install -n ${namespace} --image ${withTag(cluster?.image, version)}${more} --wait`;
}

/** The same repository, with this version's tag. A digest says nothing of another version. */
function withTag(image: string | undefined, version: string): string {
  if (image === undefined || image.includes('@')) return `REGISTRY/kflow-daemon:${version}`;
  // A port of the registry is not a tag.
  return `${image.replace(/:[^:/]*$/, '')}:${version}`;
}
