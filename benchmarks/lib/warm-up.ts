/** In so many pieces, with pauses between them. */
const PIECES = 5;
const PAUSE_MS = 10;

const nothing = new Int32Array(new SharedArrayBuffer(4));

/**
 * Warms up, and collects all garbage once, as happens sooner or later in a process that lives. From then on what a pool is made
 * of is old, and whether garbage dies young shows. Left to chance, it would happen in some of the measurements.
 *
 * With pauses in which the thread stands still, for the compiler, which works beside it, to get a processor even on a busy
 * machine. Otherwise what is measured would at random be code that is not compiled yet.
 */
export async function warmUp(ms: number, run: (ms: number) => Promise<unknown>): Promise<void> {
  for (let piece = 0; piece < PIECES; piece += 1) {
    await run(ms / PIECES);
    Atomics.wait(nothing, 0, 0, PAUSE_MS);
    // Before the last piece, so that the compiler sees what it does to the code.
    if (piece === PIECES - 2) globalThis.gc!();
  }
}
