import { insertEntries } from './conntrack.ts';
import type { NetworkNamespace } from './namespace.ts';

const TCP_STATES =
  'NONE SYN_SENT SYN_RECV ESTABLISHED FIN_WAIT CLOSE_WAIT LAST_ACK TIME_WAIT CLOSE SYN_SENT2 LISTEN'.split(' ');
// The tool crashes on the two heartbeat states.
const SCTP_STATES =
  'NONE CLOSED COOKIE_WAIT COOKIE_ECHOED ESTABLISHED SHUTDOWN_SENT SHUTDOWN_RECD SHUTDOWN_ACK_SENT'.split(' ');
const V4 = '-s 10.0.0.1 -d 192.0.2.9';
const V6 = '-s fd00::1 -d 2001:db8::2:0:9';

/** Every kind of entry that `conntrack -I` can make, as its arguments, without the timeout. */
export function everyKind(): string[] {
  const kinds: string[] = [];
  let port = 1000;
  for (const ends of [V4, V6]) {
    for (const status of ['', '-u SEEN_REPLY', '-u ASSURED', '-u SEEN_REPLY,ASSURED', '-u FIXED_TIMEOUT']) {
      for (const state of TCP_STATES)
        kinds.push(`-p tcp ${ends} --sport ${port++} --dport 80 --state ${state} ${status}`);
      for (const state of SCTP_STATES)
        kinds.push(
          `-p sctp ${ends} --sport ${port++} --dport 80 --state ${state} ${status} --orig-vtag 1 --reply-vtag 2`,
        );
      kinds.push(`-p udp ${ends} --sport ${port++} --dport 53 ${status}`);
      kinds.push(`-p udplite ${ends} --sport ${port++} --dport 53 ${status}`);
      kinds.push(`-p gre ${ends} --srckey ${port++} --dstkey 0xfffe ${status}`);
    }
    for (const protocol of [0, 2, 4, 41, 50, 51, 89, 103, 112, 253, 255]) kinds.push(`-p ${protocol} ${ends}`);
    kinds.push(`-p dccp ${ends} --sport 5 --dport 5001 --state OPEN --role client`);
    for (const mark of [1, 0x4000, 0x7fffffff, 0x80000000, 0xffffffff])
      kinds.push(`-p udp ${ends} --sport ${port++} --dport 53 -m ${mark}`);
    for (const zone of ['-w 7', '-w 65535', '--orig-zone 7', '--orig-zone 65535', '--reply-zone 7', '--reply-zone 1']) {
      kinds.push(`-p tcp ${ends} --sport ${port++} --dport 443 --state ESTABLISHED -u SEEN_REPLY ${zone}`);
      kinds.push(`-p udp ${ends} --sport ${port++} --dport 443 ${zone}`);
    }
  }
  // Requests only: for these the tool knows the answer's type.
  for (const type of [8, 13, 15, 17])
    for (const id of [0, 1, 65535]) kinds.push(`-p icmp ${V4} --icmp-type ${type} --icmp-code 0 --icmp-id ${id}`);
  for (const type of [128, 139])
    for (const id of [0, 1, 65535])
      kinds.push(`-p icmpv6 ${V6} --icmpv6-type ${type} --icmpv6-code 0 --icmpv6-id ${id}`);
  for (const protocol of ['tcp --state ESTABLISHED', 'udp', 'udplite'])
    for (const [v4, v6] of [
      ['-g 10.244.1.3:8080', '-g [fd00::98]:8080'],
      ['-n 10.89.0.12:41000', '-n [fd00::99]:41000'],
      ['-g 10.244.1.4:8080 -n 10.89.0.13:41000', '-g [fd00::97]:8080 -n [fd00::96]:41000'],
    ]) {
      kinds.push(`-p ${protocol} -s 10.244.2.3 -d 10.96.0.10 --sport ${port++} --dport 80 ${v4} -u SEEN_REPLY,ASSURED`);
      kinds.push(`-p ${protocol} -s fd00::3 -d fd00:96::a --sport ${port++} --dport 80 ${v6} -u SEEN_REPLY`);
    }
  for (const [source, destination] of [
    ['0.0.0.1', '255.255.255.255'],
    ['::1', '::'],
    ['2001:db8:0:1:1:1:1:1', '2001:db8::1:0:0:1'],
    ['1:0:2:0:3:0:4:0', 'ff02::fb'],
    ['::ffff:192.0.2.1', 'fe80::1'],
  ])
    kinds.push(`-p udp -s ${source} -d ${destination} --sport 65535 --dport 1`);
  return kinds;
}

/** Inserts an entry of every kind, each with a timeout of its own. */
export async function insertEveryKind(namespace: NetworkNamespace): Promise<void> {
  await insertEntries(
    namespace,
    everyKind().map((entry, i) => `${entry} -t ${600 + i}`),
  );
}
