/** Turns that are asked for at once: between two of them Node settles promises, and nothing else. */
const AT_ONCE = 64;

/**
 * Takes turns until one says that it was the last. Before the next, every promise has settled that can, and all that
 * follows from it has happened.
 */
export function turns(turn: () => boolean): Promise<void> {
  return new Promise((resolve, reject) => {
    let over = false;
    let left = 0;
    const take = () => {
      left -= 1;
      if (!over) {
        try {
          over = !turn();
        } catch (error) {
          over = true;
          reject(error);
        }
        if (over) resolve();
      }
      if (left === 0 && !over) ask();
    };
    const ask = () => {
      left = AT_ONCE;
      for (let asked = 0; asked < AT_ONCE; asked++) setImmediate(take);
    };
    ask();
  });
}
