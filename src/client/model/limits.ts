/**
 * What the client takes from a peer. Each limit is far above what an honest peer needs; exceeding one loses that peer's part, with
 * a message, and never the program.
 */
const KIB = 1024;
const MIB = 1024 * KIB;

/** An object of the API server, or a line of a watch. etcd keeps objects of 1.5 MiB at most. */
export const MAX_API_OBJECT_BYTES = 16 * MIB;
/** A page of a list: 500 objects of 130 KiB. Beyond it, pages of fewer objects are asked for. */
export const MAX_API_PAGE_BYTES = 64 * MIB;
/** Objects of a page, largest first: 5 objects of 1.5 MiB, as JSON, are a fraction of `MAX_API_PAGE_BYTES`. */
export const API_PAGE_ITEMS = [500, 50, 5] as const;
/** Objects of one list. Kubernetes supports 150,000 pods. */
export const MAX_API_ITEMS = 1_000_000;
/** A token for the next page. The API server's are some 100 characters. */
export const MAX_API_TOKEN_LENGTH = 16 * KIB;
/** A message of a port-forward. The kubelet sends what it reads at once: 32 KiB. */
export const MAX_FORWARD_MESSAGE_BYTES = MIB;
