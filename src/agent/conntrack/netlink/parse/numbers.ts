/** Constants of the kernel's headers: linux/netlink.h, linux/netfilter/nfnetlink.h and nfnetlink_conntrack.h. */

/** Netlink headers are in the machine's byte order; netfilter's attributes are big-endian. */
export const LITTLE_ENDIAN = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;

/** `struct nlmsghdr`: length, type, flags, sequence, port. */
export const MESSAGE_HEADER_BYTES = 16;
/** `struct nfgenmsg`: family, version, resource. */
export const FAMILY_HEADER_BYTES = 4;
/** `struct nlattr`: length, type. */
export const ATTRIBUTE_HEADER_BYTES = 4;
/** Masks the flags of the type: nested, and byte order. */
export const ATTRIBUTE_TYPE_MASK = 0x3fff;

export const NLMSG_ERROR = 2;
export const NLMSG_DONE = 3;
export const NLMSG_OVERRUN = 4;
/** Lower types belong to netlink itself. */
export const FIRST_TYPE = 16;
export const NLM_F_REQUEST = 1;
export const NLM_F_ACK = 4;
/** The table changed during the dump, so the dump may be inconsistent. */
export const NLM_F_DUMP_INTR = 0x10;
export const NLM_F_DUMP = 0x300;

/** NFNL_SUBSYS_CTNETLINK << 8: the common part of all conntrack message types. */
const CTNETLINK = 1 << 8;
export const CT_NEW = CTNETLINK | 0;
export const CT_GET = CTNETLINK | 1;
export const CT_GET_STATS_CPU = CTNETLINK | 4;
export const CT_GET_STATS = CTNETLINK | 5;

export const AF_INET = 2;
export const AF_INET6 = 10;

/** The members of `enum ctattr_type` that the agent reads. */
export const CTA_TUPLE_ORIG = 1;
export const CTA_TUPLE_REPLY = 2;
export const CTA_STATUS = 3;
export const CTA_PROTOINFO = 4;
export const CTA_TIMEOUT = 7;
export const CTA_MARK = 8;
export const CTA_COUNTERS_ORIG = 9;
export const CTA_COUNTERS_REPLY = 10;
export const CTA_USE = 11;
export const CTA_ID = 12;
export const CTA_ZONE = 18;
export const CTA_TIMESTAMP = 20;
/** One more than the last attribute that the agent reads. It skips higher numbers. */
export const CTA_COUNT = 21;

export const CTA_TUPLE_IP = 1;
export const CTA_TUPLE_PROTO = 2;
export const CTA_TUPLE_ZONE = 3;
export const CTA_IP_V4_SRC = 1;
export const CTA_IP_V4_DST = 2;
export const CTA_IP_V6_SRC = 3;
export const CTA_IP_V6_DST = 4;
export const CTA_PROTO_NUM = 1;
export const CTA_PROTO_SRC_PORT = 2;
export const CTA_PROTO_DST_PORT = 3;
export const CTA_PROTO_ICMP_ID = 4;
export const CTA_PROTO_ICMP_TYPE = 5;
export const CTA_PROTO_ICMP_CODE = 6;
export const CTA_PROTO_ICMPV6_ID = 7;
export const CTA_PROTO_ICMPV6_TYPE = 8;
export const CTA_PROTO_ICMPV6_CODE = 9;
export const CTA_PROTOINFO_TCP = 1;
export const CTA_PROTOINFO_DCCP = 2;
export const CTA_PROTOINFO_SCTP = 3;
/** The same number in all three. */
export const CTA_PROTOINFO_STATE = 1;
export const CTA_COUNTERS_PACKETS = 1;
export const CTA_COUNTERS_BYTES = 2;
export const CTA_COUNTERS32_PACKETS = 3;
export const CTA_COUNTERS32_BYTES = 4;
export const CTA_TIMESTAMP_START = 1;

/** The members of `enum ip_conntrack_status` that the agent reads. */
export const IPS_SEEN_REPLY = 1 << 1;
export const IPS_ASSURED = 1 << 2;
export const IPS_OFFLOAD = 1 << 14;
export const IPS_HW_OFFLOAD = 1 << 15;
