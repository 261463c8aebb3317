import { type CleanText, cleanSentence } from './sanitize.ts';

/** Notices for stderr, one per line, without terminal control. */

export function formatNotices(notices: readonly string[]): string {
  return notices.map((notice) => `kflow: ${sanitizeLine(notice)}\n`).join('');
}

/** Puts a text on one line; clean text stays unchanged. */

export function sanitizeLine(text: string): CleanText {
  return cleanSentence(text);
}
