/** The sum of what is known; undefined where nothing is. */
export function sumOfKnown(a: number | undefined, b: number | undefined): number | undefined {
  if (a === undefined) return b;
  return b === undefined ? a : a + b;
}
