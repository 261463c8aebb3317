import { sumKnown } from '../model/connection.ts';
import type { FilterField } from './field.ts';
import { compileComparison, parseSize } from './quantity.ts';

export const rate: FilterField = {
  names: ['rate'],
  sides: ['from', 'to'],
  help: 'bytes per second in both directions; from. only what the source sends, to. only what it receives',
  accepts: 'a comparison as >1M, <=10k or =0; without a sign, at least that',
  example: 'rate:>1M',
  parse({ text }, side) {
    const fits = compileComparison(text, parseSize);
    if (fits === undefined) return undefined;
    if (side === 'from') return ({ sentRate }) => fits(sentRate);
    if (side === 'to') return ({ receivedRate }) => fits(receivedRate);
    return ({ sentRate, receivedRate }) => fits(sumKnown(sentRate, receivedRate));
  },
};

export const bytes: FilterField = {
  names: ['bytes'],
  sides: ['from', 'to'],
  help: 'bytes since the connection began, in both directions; from. only sent, to. only received',
  accepts: 'a comparison as >1G, <=10k or =0; without a sign, at least that',
  example: 'bytes:>1G',
  parse({ text }, side) {
    const fits = compileComparison(text, parseSize);
    if (fits === undefined) return undefined;
    if (side === 'from') return ({ sentBytes }) => fits(sentBytes);
    if (side === 'to') return ({ receivedBytes }) => fits(receivedBytes);
    return ({ sentBytes, receivedBytes }) => fits(sumKnown(sentBytes, receivedBytes));
  },
};

export const packets: FilterField = {
  names: ['packets'],
  sides: ['from', 'to'],
  help: 'packets since the connection began, in both directions; from. only sent, to. only received',
  accepts: 'a comparison as >1M or <10; without a sign, at least that',
  example: 'packets:<10',
  parse({ text }, side) {
    const fits = compileComparison(text, parseSize);
    if (fits === undefined) return undefined;
    if (side === 'from') return ({ sentPackets }) => fits(sentPackets);
    if (side === 'to') return ({ receivedPackets }) => fits(receivedPackets);
    return ({ sentPackets, receivedPackets }) => fits(sumKnown(sentPackets, receivedPackets));
  },
};
