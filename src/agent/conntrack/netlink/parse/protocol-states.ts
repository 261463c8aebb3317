import { DCCP, SCTP, TCP } from '../../../../flow/protocol.ts';
import { NO_STATE, stateNumber } from '../../../../flow/state.ts';
import { CTA_PROTOINFO_DCCP, CTA_PROTOINFO_SCTP, CTA_PROTOINFO_TCP } from './numbers.ts';

/** The kernel's `tcp_conntrack`, `sctp_conntrack` and `ct_dccp_state` in order, named as in the procfs text. */
const TCP_STATES = 'NONE SYN_SENT SYN_RECV ESTABLISHED FIN_WAIT CLOSE_WAIT LAST_ACK TIME_WAIT CLOSE SYN_SENT2';
const SCTP_STATES =
  'NONE CLOSED COOKIE_WAIT COOKIE_ECHOED ESTABLISHED SHUTDOWN_SENT SHUTDOWN_RECD SHUTDOWN_ACK_SENT HEARTBEAT_SENT HEARTBEAT_ACKED';
const DCCP_STATES = 'NONE REQUEST RESPOND PARTOPEN OPEN CLOSEREQ CLOSING TIMEWAIT IGNORE INVALID';

interface ProtocolInfo {
  /** The attribute nested in CTA_PROTOINFO. */
  readonly attribute: number;
  readonly states: Uint8Array;
}

function protocolInfo(attribute: number, names: string): ProtocolInfo {
  return { attribute, states: Uint8Array.from(names.split(' '), (name) => stateNumber(name) ?? NO_STATE) };
}

const TCP_INFO = protocolInfo(CTA_PROTOINFO_TCP, TCP_STATES);
const SCTP_INFO = protocolInfo(CTA_PROTOINFO_SCTP, SCTP_STATES);
const DCCP_INFO = protocolInfo(CTA_PROTOINFO_DCCP, DCCP_STATES);

/**
 * Returns the attribute that holds the state of a protocol's connections, and the meaning of its numbers. Undefined: the protocol
 * has no states.
 */
export function findProtocolInfo(protocol: number): ProtocolInfo | undefined {
  switch (protocol) {
    case TCP:
      return TCP_INFO;
    case SCTP:
      return SCTP_INFO;
    case DCCP:
      return DCCP_INFO;
  }
  return undefined;
}
