/**
 * Limits for input from peers. Each one is far above what an honest peer needs; a peer that exceeds one loses its own part, with
 * a message, and never ends the program.
 */
const KIB = 1024;
const MIB = 1024 * KIB;

/** An object of the API server, or a line of a watch. etcd keeps objects of 1.5 MiB at most. */
export const MAX_API_OBJECT_BYTES = 16 * MIB;
/** A page of a list: 500 objects of 130 KiB. For a larger one, kflow requests pages of fewer objects. */
export const MAX_API_PAGE_BYTES = 64 * MIB;
/** Values of one response: two bytes of JSON may become an object of a hundred. Beyond it, kflow requests pages of fewer objects. */
export const MAX_JSON_VALUES = 2_000_000;
/** In a response of fewer characters, values are not counted. */
export const MIN_COUNTED_JSON_LENGTH = 4 * MIB;
/** Objects of a page, largest first: 5 objects of 1.5 MiB, as JSON, are a fraction of `MAX_API_PAGE_BYTES`. */
export const API_PAGE_ITEMS = [500, 50, 5] as const;
/** Objects of one list. Kubernetes supports 150,000 pods. */
export const MAX_API_ITEMS = 1_000_000;
/** A token for the next page. The API server's are some 100 characters. */
export const MAX_API_TOKEN_LENGTH = 16 * KIB;
/** Objects of one install. kflow's own manifest has ten; each needs its own request. */
export const MAX_INSTALLED_OBJECTS = 100;
/** A message of a port-forward. The kubelet sends what it reads at once: 32 KiB. */
export const MAX_FORWARD_MESSAGE_BYTES = MIB;

/** A message of an agent. Agents send less than 1 MiB. */
export const MAX_MESSAGE_BYTES = 4 * MIB;
/** Flows of such a message, and ids: two bytes may stand for an object of hundreds. Agents send a few thousand. */
export const MAX_MESSAGE_FLOWS = 131_072;
export const MAX_MESSAGE_REMOVED = 1_048_576;
/** How much an agent may send before it must wait for the reader. */
export const MAX_UNREAD_BYTES = 4 * MIB;
/**
 * Rows of an agent's table. A kernel's table has 262,144 entries where memory allows; kube-proxy sets 32,768 for each core, which
 * makes 4,194,304 for 128 cores. Between these it is the maximum that the agent reported.
 */
export const MIN_AGENT_ROWS = 262_144;
export const MAX_AGENT_ROWS = 4_194_304;
/** Messages that change nothing, in each of so many seconds. There is one for each poll, and 20 polls a second at most. */
export const MAX_IDLE_MESSAGES_PER_SECOND = 50;
export const MAX_IDLE_SECONDS = 10;
/** A snapshot must bring a new row, or its end, in this time: 34 MB take 27 s on 10 Mbit/s. */
export const MAX_SNAPSHOT_STALL_MS = 30_000;
/** The same agent gives a reason on stderr no more often. */
export const MIN_REASON_PAUSE_MS = 10_000;
/** Of the memory that this process may use, for the rows of all agents. The rest is for names, views and what is being replaced. */
export const MAX_ROWS_MEMORY_RATIO = 0.6;
/** Measured: 300,000 rows, joined and sorted, as a console holds them, take 1.6 to 2.2 kB each. */
export const BYTES_PER_ROW = 2_500;

/**
 * A frame of a recording, unpacked. Frames that kflow writes stay under a quarter of this, and of the elements: what it wrote
 * must open.
 */
export const MAX_FRAME_BYTES = 256 * MIB;
/** Fields and items of a frame: two bytes of a frame may stand for an object of a hundred. */
export const MAX_FRAME_ELEMENTS = 16_000_000;
/** Characters of the texts that are remembered from one keyframe to the next. */
export const MAX_RECORDED_TEXT = 256 * MIB;
/** Agents and notices of a snapshot: each may be a line on stderr. Kubernetes supports 5,000 nodes. */
export const MAX_RECORDED_AGENTS = 20_000;
export const MAX_RECORDED_NOTICES = 1_000;
/** Endpoints that one address may have been. They are printed with each connection. */
export const MAX_ENDPOINT_CANDIDATES = 100;
/** Connections that are new or changed in one frame: some 70 elements and 200 bytes each. */
export const MAX_FRAME_CONNECTIONS = 32_768;
/** A kubeconfig, or a file that one names: 500 clusters are about 3 MB. */
export const MAX_CONFIG_FILE_BYTES = 16 * MIB;
/** Pods of a namespace of agents. Kubernetes supports 5,000 nodes; during a rollout a node may have several for a while. */
export const MAX_AGENT_PODS = 20_000;

/** Hops of a connection: agents that see it, times zones that it passes on each node. Two nodes with OVN are about a dozen. */
export const MAX_HOPS = 128;
/**
 * Entries at one pair of addresses and ports that conflict with each other and are compared; the rest is shown as
 * connections of their own. A kernel has a tuple once in a zone, and a second time only while it is used again.
 */
export const MAX_CONFLICTS_AT_PAIR = 32;
/**
 * Entries at one pair (source and destination, with ports) that are compared when a removed entry may have reappeared. There is one for each agent and zone: nodes that
 * the packets pass, times zones, a handful.
 */
export const MAX_ENTRIES_COMPARED = 256;
/** Contradicting reports of agents that are kept for one pair. Three are shown. */
export const MAX_DISPUTES_AT_PAIR = 16;
