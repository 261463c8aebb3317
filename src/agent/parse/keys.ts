const encoder = new TextEncoder();

/** The keys of a line's pairs, as bytes, with the "="; and its flags. */
export const SRC = encoder.encode('src=');
export const DST = encoder.encode('dst=');
export const SPORT = encoder.encode('sport=');
export const DPORT = encoder.encode('dport=');
export const TYPE = encoder.encode('type=');
export const CODE = encoder.encode('code=');
export const ID = encoder.encode('id=');
export const SRCKEY = encoder.encode('srckey=');
export const DSTKEY = encoder.encode('dstkey=');
export const PACKETS = encoder.encode('packets=');
export const BYTES = encoder.encode('bytes=');
export const MARK = encoder.encode('mark=');
export const USE = encoder.encode('use=');
export const ZONE = encoder.encode('zone=');
export const ZONE_ORIG = encoder.encode('zone-orig=');
export const ZONE_REPL = encoder.encode('zone-reply=');
/** As the program `conntrack` writes them. */
export const ORIG_ZONE = encoder.encode('orig-zone=');
export const REPLY_ZONE = encoder.encode('reply-zone=');
export const SECCTX = encoder.encode('secctx=');
export const UNREPLIED = encoder.encode('[UNREPLIED]');
export const ASSURED = encoder.encode('[ASSURED]');
export const OFFLOAD = encoder.encode('[OFFLOAD]');
export const HW_OFFLOAD = encoder.encode('[HW_OFFLOAD]');
export const DELTA_TIME = encoder.encode('delta-time=');
