/** In tests, names are our own: there any text is clean. `npm run lint` checks src without this. */
export {};

declare module '../src/client/format/sanitize.ts' {
  interface CleanTextMark {
    readonly off: true;
  }
}
