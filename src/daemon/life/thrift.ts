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
];

/** Tells V8 to take less memory than it would by itself, from here on. */
export async function spareMemory(): Promise<void> {
  const { setFlagsFromString } = await import("node:v8");
  for (const setting of SETTINGS) setFlagsFromString(setting);
}
