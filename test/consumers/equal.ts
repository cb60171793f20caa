/** Whether two types are the same, `any` included. */
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

/** Compiles exactly if `value` has the type `Expected`, no more and no less: `is<number>()(value)(true)`. */
export function is<Expected>(): <Actual>(value: Actual) => (same: Same<Actual, Expected>) => void {
  return () => () => {};
}
