import { type CleanText, cleanSentence } from './sanitize.ts';

/** Words for stderr, a line each; nothing in them may steer a terminal. */

export function formatNotices(notices: readonly string[]): string {
  return notices.map((notice) => `kflow: ${sanitizeLine(notice)}\n`).join('');
}

/** One line, whatever is in it: with clean words it is what it was. */

export function sanitizeLine(text: string): CleanText {
  return cleanSentence(text);
}
