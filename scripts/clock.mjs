/**
 * Stands in for Node's `performance` in the programs: loading that takes a start as long as loading three plugins, and
 * all that is asked of it is milliseconds of a clock that only goes on (CLOCK_MONOTONIC).
 */
export const performance = {
  now() {
    const [seconds, nanoseconds] = process.hrtime();
    return seconds * 1e3 + nanoseconds / 1e6;
  },
};
