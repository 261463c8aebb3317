/** A line of a bench that has a target: the figure, the limit, and whether it is kept. */
export function verdict(what: string, figure: number, limit: number, unit = '', digits = 2): void {
  const word = figure <= limit ? 'kept' : 'MISSED';
  process.stdout.write(`  ${word}: ${what}: ${figure.toFixed(digits)}${unit} (at most ${limit}${unit})\n`);
}
