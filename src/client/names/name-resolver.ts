import type { Observable } from 'rxjs';
import type { CleanText } from '../format/sanitize.ts';
import type { Endpoint } from '../model/connection.ts';
import type { LocalGap } from '../model/snapshot.ts';

/** The nodes of an address that Kubernetes knows. */
export interface AddressOwners {
  /** The nodes of its current owners; if there are none, of its former owners. */
  readonly nodes: readonly CleanText[];
  /** It is a pod's. */
  readonly isPod: boolean;
}

export interface ServiceRef {
  readonly namespace: CleanText;
  readonly name: CleanText;
}

/**
 * Resolves addresses to endpoints. Answers come from memory at once; a look-up finishes later, and then `changed$`
 * emits. To add a provider, write one file that exports a `NameProvider`, and list it in `session/live-inputs.ts`.
 */
export interface NameResolver {
  /**
   * The owner of this address at that time (unix milliseconds); with `since`, at some time from then on (-Infinity: not known
   * since when). If several are possible, an endpoint with `candidates`. Always the same object for the same answer.
   */
  endpoint(address: string, at: number, since?: number): Endpoint | undefined;
  /**
   * The Service that had this address and port then: cluster IP, external IP, load balancer, node port. Without
   * times: the current one.
   */
  service(address: string, port: number, protocol: number, at?: number, since?: number): ServiceRef | undefined;
  /** The nodes of the pod or node with this address, from Kubernetes. Undefined: it has neither. Equal answers need not be the same object. */
  owners?(address: string): AddressOwners | undefined;
  /** Emits when earlier answers may have changed. */
  readonly changed$: Observable<void>;
  /** Set until the first sync: an unknown address may still get a name. `changed$` emits at its end. */
  readonly pending?: boolean;
  /** Services without a ready endpoint: "namespace/name". Absent: not known. */
  readonly servicesWithoutEndpoints?: readonly CleanText[];
  /** Services with internalTrafficPolicy Local, and nodes without an endpoint of them. Absent: not known. */
  readonly localGaps?: readonly LocalGap[];
  /** Notices for the operator: "pod names are not shown: pods is forbidden …". */
  readonly notices: readonly CleanText[];
}
