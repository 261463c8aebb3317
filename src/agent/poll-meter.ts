/** What polls came to since the agent started, for its metrics. */
export class PollMeter {
  polls = 0;
  failures = 0;
  /** What polling took from one core. */
  busySeconds = 0;
  unparsedLines = 0;
  /** Of the last poll that succeeded: one of these lines. */
  unparsedSample: string | undefined;

  succeeded(busyMs: number, unparsedLines: number, unparsedSample: string | undefined): void {
    this.polls++;
    this.busySeconds += busyMs / 1000;
    this.unparsedLines += unparsedLines;
    this.unparsedSample = unparsedSample;
  }

  failed(): void {
    this.polls++;
    this.failures++;
  }
}
