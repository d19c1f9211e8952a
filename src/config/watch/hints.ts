import type { Told, Watch } from "../watch.ts";

/**
 * Signs of change from chokidar on the file's own path: that sees writes, renames, removal and recreation of the file
 * and of its folder. A link further up that is pointed elsewhere gives no sign.
 */
export async function chokidarHints(path: string, { onHint, onReady, onError }: Told): Promise<Watch> {
  const { watch } = await import("chokidar");
  const watcher = watch(path, { ignoreInitial: true, atomic: false, depth: 0 });
  watcher.on("all", onHint);
  watcher.on("error", onError);
  watcher.on("ready", onReady);
  return { close: () => watcher.close() };
}
