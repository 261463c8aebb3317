const isChecked = process.argv.includes('--check');

/**
 * A line of a bench that has a target: the figure, the limit, and whether it is kept. A figure without a unit is a ratio to
 * something in the same run, which does not depend on the machine: with `--check` the run fails where one is missed.
 */
export function verdict(what: string, figure: number, limit: number, unit = '', digits = 2): void {
  const isKept = figure <= limit;
  process.stdout.write(
    `  ${isKept ? 'kept' : 'MISSED'}: ${what}: ${figure.toFixed(digits)}${unit} (at most ${limit}${unit})\n`,
  );
  if (isChecked && unit === '' && !isKept) process.exitCode = 1;
}
