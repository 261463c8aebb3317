const encoder = new TextEncoder();

/** The keys of a line's pairs, as bytes, with the "=". */
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
export const SECCTX = encoder.encode('secctx=');
export const DELTA_TIME = encoder.encode('delta-time=');
