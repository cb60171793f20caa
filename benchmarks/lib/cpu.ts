import process from "node:process";

/** As Node 24 has it; the types are of Node 22. */
const { threadCpuUsage } = process as { threadCpuUsage?: () => NodeJS.CpuUsage };

/** What `cpuMs` measures here. */
export const CPU = threadCpuUsage === undefined ? "of the whole process" : "of the main thread";

/**
 * Processor time so far, which a busy machine does not distort as it does wall-clock time. Of the main thread: Node's helper
 * threads (the compiler, part of the garbage collection) are not in it. Before Node 24, of the whole process.
 */
export function cpuMs(): number {
  const { user, system } = threadCpuUsage === undefined ? process.cpuUsage() : threadCpuUsage.call(process);
  return (user + system) / 1_000;
}
