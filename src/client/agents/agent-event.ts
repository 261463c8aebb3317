import type { FlowTable } from '../../flow/flow-table.ts';
import type { AgentInfo, AgentPoll, AgentStatus } from '../model/agent.ts';

/** What a stream reports about one agent. */
export type AgentEvent =
  | { readonly kind: 'status'; readonly status: AgentStatus }
  | { readonly kind: 'info'; readonly info: AgentInfo }
  /** A message came, but no complete table yet. */
  | { readonly kind: 'heartbeat' }
  /** Its table was dropped, because memory runs out. */
  | { readonly kind: 'forgotten' }
  /**
   * The table is at a new version, or is another table (a snapshot): the reader then drops the old one. Only the stream writes
   * the table; a reader uses `changesSince`, and may `reclaim` what it has read.
   */
  | {
      readonly kind: 'table';
      readonly table: FlowTable;
      readonly poll?: AgentPoll;
      /** How many flows were not requested, because there are too many. */
      readonly omitted?: number;
      /** The agent still replies, but its polls fail: this is the table of its last successful poll. */
      readonly old?: true;
    };
