const SETTINGS = [
  /*
   * A first crowd makes some hundreds of functions hot at the same request. With the two threads that V8 gives its quick
   * compiler most of them wait in a queue, some 130 KiB each, and the process keeps what a queue once took: 10 to 30 MB.
   */
  "--concurrent-maglev-max-threads=0",
  /*
   * What ended streams leave is collected when the heap has grown by this share and not when it has doubled: two thousand
   * streams that come and go take 100 MB less, for a few hundredths more CPU.
   */
  "--heap-growing-percent=40",
  /*
   * A request costs half as much once its functions are optimized. V8 waits for some ten thousand calls by itself, and a
   * daemon lives long enough for that work to pay sooner; after fewer calls than these it takes too much of the first
   * seconds.
   */
  "--invocation-count-for-turbofan=1000",
];

/** Suits V8 to a daemon, from here on: less memory than it would take by itself, and fast code sooner. */
export async function tuneV8(): Promise<void> {
  const { setFlagsFromString } = await import("node:v8");
  for (const setting of SETTINGS) setFlagsFromString(setting);
}
