import type { Observable } from 'rxjs';
import type { CleanText } from '../format/sanitize.ts';
import type { Endpoint } from '../model/connection.ts';
import type { LocalGap } from '../model/snapshot.ts';

/** Of an address that Kubernetes knows. */
export interface AddressOwners {
  /** The nodes of the ones that have it now; where nobody has it, of the ones that had it. */
  readonly nodes: readonly CleanText[];
  /** It is a pod's. */
  readonly isPod: boolean;
}

export interface ServiceRef {
  readonly namespace: CleanText;
  readonly name: CleanText;
}

/**
 * Tells who an address is. Answers come from memory at once; what has to be looked up is answered later, and `changed$`
 * tells. A source of names is one file that exports a `NameProvider`, and its place in the list of `session/live-inputs.ts`.
 */
export interface NameResolver {
  /**
   * Who had this address at that time (unix milliseconds); with `since`, at some time from then on (-Infinity: nobody knows
   * since when). Where several may have had it, an endpoint that has `candidates`. Always the same object for the same answer.
   */
  endpoint(address: string, at: number, since?: number): Endpoint | undefined;
  /**
   * The service that listened then at this address and port: cluster IP, external IP, load balancer, node port. Without
   * times: that listens now.
   */
  service(address: string, port: number, protocol: number, at?: number, since?: number): ServiceRef | undefined;
  /** On which nodes the pod or node is that has this address, by Kubernetes. Undefined: of neither. Equal answers need not be the same object. */
  owners?(address: string): AddressOwners | undefined;
  /** Emits when answers given before may now be others. */
  readonly changed$: Observable<void>;
  /** Set while it has not synced yet: then "no answer" may become one. Ends with a `changed$`. */
  readonly pending?: boolean;
  /** Services that no pod stands behind that is ready: "namespace/name". Absent: not known. */
  readonly servicesWithoutEndpoints?: readonly CleanText[];
  /** Services that keep connections on their node, and nodes where no pod stands behind them. Absent: not known. */
  readonly localGaps?: readonly LocalGap[];
  /** What the operator should know once: "pod names are not shown: pods is forbidden …". */
  readonly notices: readonly CleanText[];
}
