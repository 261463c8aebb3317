/** Whether it holds for each of them, and there are some: of none anything would hold. */
export function each<T>(items: readonly T[], holds: (item: T) => boolean | undefined): boolean {
  return items.length > 0 && items.every(holds);
}
