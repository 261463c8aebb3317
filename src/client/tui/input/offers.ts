import type { Snapshot } from '../../model/snapshot.ts';
import type { Message, OfferId } from '../state.ts';

/** What a console offers while it has nothing to show. */
export interface Offer {
  readonly id: OfferId;
  /** As people read it. */
  readonly key: string;
  /** What it does: "replay a recorded incident". */
  readonly label: string;
  /** Why it cannot be done here. Absent: it can. */
  readonly unavailable?: string;
  /** Asked before it is done. */
  readonly question?: string;
  /** The console ends for it. */
  readonly leaves: boolean;
  /** Does it and gives what to say of it; what it throws is shown. */
  readonly accept: () => string;
}

export interface OfferResult {
  readonly message?: Message;
  /** To be asked, and then done if the answer is yes. */
  readonly question?: Offer;
  /** To be done at once. */
  readonly accepted?: Offer;
}

/** What the key of an offer does now. */
export function chooseOffer(id: OfferId, offers: readonly Offer[], snapshot: Snapshot): OfferResult {
  const offer = offers.find((one) => one.id === id);
  if (offer === undefined || snapshot.connections.length > 0) return info('only while there is nothing to show');
  if (offer.unavailable !== undefined) return { message: { kind: 'error', text: offer.unavailable } };
  return offer.question === undefined ? { accepted: offer } : { question: offer };
}

/** A line that names the keys; empty when nothing can be offered. */
export function offersLine(offers: readonly Offer[]): string {
  return offers
    .filter(({ unavailable }) => unavailable === undefined)
    .map(({ key, label }) => `\`${key}\` ${label}`)
    .join(' · ');
}

function info(text: string): OfferResult {
  return { message: { kind: 'info', text } };
}
