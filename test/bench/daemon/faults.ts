import type { Faults } from "./order.ts";

/** What went wrong, one line for each kind; nothing where all went well. */
export function faultLines(where: string, faults: Faults): readonly string[] {
  const { failures, lost, merged, reordered, altered, unfinished } = faults;
  const counted = Object.entries({ lost, merged, reordered, altered })
    .filter(([, count]) => count > 0)
    .map(([kind, count]) => `${count} tokens ${kind}`);
  const failed = Object.entries(failures).map(([problem, count]) => `${count} requests failed: ${problem}`);
  const open = unfinished > 0 ? [`${unfinished} requests did not end`] : [];
  return [...failed, ...counted, ...open].map((line) => `${where}: ${line}`);
}
