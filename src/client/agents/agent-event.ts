import type { FlowTable } from '../../flow/flow-table.ts';
import type { AgentInfo, AgentPoll, AgentStatus } from '../model/agent.ts';

/** What becomes known of one agent. */
export type AgentEvent =
  | { readonly kind: 'status'; readonly status: AgentStatus }
  | { readonly kind: 'info'; readonly info: AgentInfo }
  /** Something came, which does not yet make a whole table. */
  | { readonly kind: 'heartbeat' }
  /** Its table was let go: there is no memory for it. */
  | { readonly kind: 'forgotten' }
  /**
   * The table is at a new version, or is another table (a snapshot): the reader then drops the old one. The table is the
   * stream's to write; a reader uses `changesSince`, and may `reclaim` what it has read.
   */
  | {
      readonly kind: 'table';
      readonly table: FlowTable;
      readonly poll?: AgentPoll;
      /** Flows that it was not asked for, because there are too many. */
      readonly omitted?: number;
      /** The agent still answers, but its polls fail: this is how things were at the last one that did not. */
      readonly old?: true;
    };
