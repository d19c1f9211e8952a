import type { Config } from "../../config/config.ts";
import type { Path } from "../../config/position.ts";
import { RiptideError } from "../../core/errors.ts";

/**
 * Refuses what only a restart can change (HR-7): where the daemon listens, where it writes, and its code.
 * @param placeOf where a path stands in the file that is to be loaded
 * @throws RiptideError `restart_required`
 */
export function refuseRestart(
  running: Config,
  next: Config,
  placeOf: (path: Path) => string | undefined,
): void {
  const changed = changedKeys(running, next);
  if (changed.length === 0) return;
  const named = changed.map((path) => [placeOf(path), path.join(".")].filter(Boolean).join(": "));
  throw new RiptideError(
    "restart_required",
    `${named.join(", ")} cannot change while the daemon runs; nothing of the file was applied`,
    { hint: "riptide daemon restart" },
  );
}

function changedKeys(running: Config, next: Config): readonly Path[] {
  const facts: readonly (readonly [Path, (config: Config) => unknown])[] = [
    [["daemon", "socket"], ({ daemon }) => daemon.socket],
    [["daemon", "listen"], ({ daemon }) => daemon.listen],
    [["ledger", "path"], ({ ledger }) => ledger.path],
    [["plugins"], ({ plugins }) => plugins],
    ...tenantNames(running, next).map(
      (name) =>
        [["tenants", "list", name, "socket"], ({ tenants }: Config) => tenants.list[name]?.socket] as const,
    ),
  ];
  return facts.filter(([, of]) => !isSame(of(running), of(next))).map(([path]) => path);
}

const tenantNames = (...configs: readonly Config[]): readonly string[] => [
  ...new Set(configs.flatMap(({ tenants }) => Object.keys(tenants.list))),
];

/** Parts of a configuration survive a round trip through JSON. */
const isSame = (one: unknown, other: unknown): boolean => JSON.stringify(one) === JSON.stringify(other);
