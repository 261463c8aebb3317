/** One entry in so many has the source port 7, so that a bench can replace just these. */
export const CHANGED = 20;

/** Entries as `insertEntries` takes them: UDP, of as many clients. */
export function makeEntries(size: number): string[] {
  return Array.from({ length: size }, (_, i) => {
    const end = `${(i >> 16) & 255}.${(i >> 8) & 255}.${i & 255}`;
    return `-p udp -s 10.${end} -d 192.0.2.${i % 250} --sport ${i % CHANGED === 0 ? 7 : 1024 + (i % 60_000)} --dport 53 -t 6000`;
  });
}
