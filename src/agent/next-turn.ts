/** Lets the event loop do what else there is, and goes on in its next turn. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
