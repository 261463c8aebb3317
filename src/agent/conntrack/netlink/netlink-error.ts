/**
 * The Linux error numbers that netlink returns, and the next step for each. They are the same on every architecture that koffi
 * supports.
 */
export const EPERM = 1;
export const EINTR = 4;
export const EAGAIN = 11;
export const EBUSY = 16;
export const EINVAL = 22;
export const EMSGSIZE = 90;
export const EPROTONOSUPPORT = 93;
export const EOPNOTSUPP = 95;
export const EAFNOSUPPORT = 97;
export const ENOBUFS = 105;
export const ETIMEDOUT = 110;
export const ECONNREFUSED = 111;

const NO_CTNETLINK =
  'this kernel has no conntrack by netlink: load its module (modprobe nf_conntrack_netlink), or read procfs (KFLOW_SOURCE=procfs)';
const NO_NFNETLINK =
  'this kernel has no netlink for netfilter: load its module (modprobe nfnetlink), or read procfs (KFLOW_SOURCE=procfs)';

interface Meaning {
  readonly code: string;
  readonly text: string;
}

const MEANINGS: ReadonlyMap<number, Meaning> = new Map([
  [
    EPERM,
    {
      code: 'EPERM',
      text:
        'conntrack by netlink requires the capability NET_ADMIN in the network namespace: run as root or add it, or read procfs ' +
        '(KFLOW_SOURCE=procfs)',
    },
  ],
  [EPROTONOSUPPORT, { code: 'EPROTONOSUPPORT', text: NO_NFNETLINK }],
  [EAFNOSUPPORT, { code: 'EAFNOSUPPORT', text: NO_NFNETLINK }],
  [ECONNREFUSED, { code: 'ECONNREFUSED', text: NO_NFNETLINK }],
  [EINVAL, { code: 'EINVAL', text: NO_CTNETLINK }],
  [EOPNOTSUPP, { code: 'EOPNOTSUPP', text: NO_CTNETLINK }],
  [
    ENOBUFS,
    {
      code: 'ENOBUFS',
      text: "the socket's receive buffer is too small, and messages were lost: raise the kernel's net.core.rmem_max",
    },
  ],
  [EMSGSIZE, { code: 'EMSGSIZE', text: 'the kernel sent a message that is too long' }],
  [ETIMEDOUT, { code: 'ETIMEDOUT', text: 'the answer of the kernel has no end' }],
  [EINTR, { code: 'EINTR', text: 'interrupted' }],
  [EAGAIN, { code: 'EAGAIN', text: 'the kernel is busy' }],
  [EBUSY, { code: 'EBUSY', text: 'the kernel is busy' }],
]);

/** Errors that may be temporary: the dump is worth a retry. */
const PASSING = new Set([EINTR, EAGAIN, EBUSY, ENOBUFS]);

/** A netlink call failed. The message names the cause and the next step. */
export class NetlinkError extends Error {
  readonly errno: number;

  /** `call`: name of the call. */
  constructor(errno: number, call: string) {
    const { code, text } = MEANINGS.get(errno) ?? { code: `errno ${errno}`, text: `the call ${call} failed` };
    super(`${code}: ${text}`);
    this.errno = errno;
  }

  get isPassing(): boolean {
    return PASSING.has(this.errno);
  }
}
