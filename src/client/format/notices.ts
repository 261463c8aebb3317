import { type CleanText, cleanSentence } from './sanitize.ts';

/** Words for stderr, a line each; nothing in them may steer a terminal. */

export function noticeLines(notices: readonly string[]): string {
  return notices.map((notice) => `kflow: ${cleanLine(notice)}\n`).join('');
}

/** One line, whatever is in it: with clean words it is what it was. */

export function cleanLine(text: string): CleanText {
  return cleanSentence(text);
}
