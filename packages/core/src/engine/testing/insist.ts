/** Whether what must hold holds: if not, the message says what. */
export function insist(condition: boolean, message: () => string): void {
  if (!condition) throw new Error(`Invariant broken: ${message()}`);
}
