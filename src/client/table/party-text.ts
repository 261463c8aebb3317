import type { AddressPort, Party } from '../model.ts';

const LABELS = new WeakMap<Party, string>();

/** A client of which only the node is known whose address it came with: the node may have asked for somebody else. */
export function isUnknownClient({ kind, name, node }: Party): boolean {
  return kind === undefined && name === undefined && node !== undefined;
}

/** "shop/cart-5d7f" for what is in a namespace, else the name, else "node2 (?)" or the address. */
export function partyName(party: Party): string {
  let label = LABELS.get(party);
  if (label === undefined) {
    const { namespace, name, node, address } = party;
    const unnamed = isUnknownClient(party) ? `${node} (?)` : address;
    label = name === undefined ? unnamed : namespace === undefined ? name : `${namespace}/${name}`;
    LABELS.set(party, label);
  }
  return label;
}

/** "10.0.0.1:80", "[fd00::1]:80"; without a port the address. */
export function endText({ address, port }: AddressPort): string {
  if (port === undefined) return address;
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}

export function end(address: string, port: number | undefined): AddressPort {
  return port === undefined ? { address } : { address, port };
}

const ADDRESS_KEYS = new WeakMap<Party, string>();

export function partyAddressKey(party: Party): string {
  let key = ADDRESS_KEYS.get(party);
  if (key === undefined) {
    key = addressKey(party.address);
    ADDRESS_KEYS.set(party, key);
  }
  return key;
}

/** Text that sorts as the address does: numbers by value, IPv4 before IPv6. */
export function addressKey(address: string): string {
  if (!address.includes(':'))
    return `4${address
      .split('.')
      .map((part) => part.padStart(3, '0'))
      .join('.')}`;
  const [before = '', after] = address.split('::');
  const head = before === '' ? [] : before.split(':');
  const tail = after === undefined || after === '' ? [] : after.split(':');
  const zeros = after === undefined ? [] : Array<string>(Math.max(0, 8 - head.length - tail.length)).fill('0');
  return `6${[...head, ...zeros, ...tail].map((group) => group.padStart(4, '0')).join(':')}`;
}
