// One measurement, in a process of its own: what another contestant made of the compiler and the heap does not count. Gets a
// job as JSON, prints its result as JSON.
import { type Job, run } from "./jobs/job.ts";

const result = await run(JSON.parse(process.argv[2]!) as Job);
// Not by itself: pools have timers.
process.stdout.write(JSON.stringify(result), () => process.exit(0));
