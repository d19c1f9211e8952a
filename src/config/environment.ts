import { homedir } from "node:os";
import { isAbsolute, join, resolve } from "node:path";
import { nearest } from "../core/nearest.ts";
import { Secret } from "../core/secret.ts";
import type { Override } from "./override.ts";

/** The variables a process was started with, read once. */
export interface Environment {
  /** One variable; undefined when it is absent or empty. */
  readonly lookup: (name: string) => string | undefined;
  /** All of it, secrets too, for a process that is to start with the same. */
  readonly inherited: () => NodeJS.ProcessEnv;
  /** Variables that stand for flags, as text; the command line checks them like the flags. */
  readonly flags: Readonly<Partial<Record<FlagVariable, string>>>;
  readonly tenantKey: Secret | undefined;
  /** `RIPTIDE_<PATH>` values. */
  readonly overrides: readonly Override[];
  /** Lines for stderr. */
  readonly warnings: readonly string[];
  readonly home: string;
  /** Ledger, logs and cache. */
  readonly stateDir: string;
  /** Where the user's providers.yaml stands when none is named. */
  readonly userConfig: string;
  /** `$XDG_RUNTIME_DIR`, for the socket. */
  readonly runtimeDir: string | undefined;
  readonly proxy: { readonly url: string; readonly noProxy: string } | undefined;
  /** NODE_TLS_REJECT_UNAUTHORIZED=0: no certificate would be checked. */
  readonly tlsUnchecked: boolean;
}

const FLAG_VARIABLES = {
  RIPTIDE_CONFIG: "config",
  RIPTIDE_DAEMON: "daemon",
  RIPTIDE_DISCOVER: "discover",
  RIPTIDE_LOG_LEVEL: "logLevel",
  RIPTIDE_MAX_COST: "maxCost",
  RIPTIDE_NO_INPUT: "noInput",
  RIPTIDE_OUTPUT: "output",
  RIPTIDE_SOCKET: "socket",
  RIPTIDE_STDIN: "stdin",
  RIPTIDE_TENANT: "tenant",
  RIPTIDE_TIMEOUT: "timeout",
} as const;
export type FlagVariable = (typeof FLAG_VARIABLES)[keyof typeof FLAG_VARIABLES];

/** Read elsewhere: the key below, the folder below, and the runtime by the launcher. */
const OTHER_VARIABLES = ["RIPTIDE_TENANT_KEY", "RIPTIDE_STATE_DIR", "RIPTIDE_RUNTIME"];

/** Keys at the top of the file that a variable without `__` may set. */
const SCALARS = [
  "allow_empty",
  "circuit_breaker",
  "max_cost_per_request",
  "strategy",
  "timeouts",
  "unpriced",
];
/** Keys at the top of the file that a variable may reach into. */
const BLOCKS = [
  ...["providers", "models", "timeouts", "circuit_breaker", "failover", "health", "tenants", "budgets"],
  ...["limits", "ledger", "daemon", "telemetry", "plugins"],
];

/** Reads the environment; the only place that does. */
export function readEnvironment(env: NodeJS.ProcessEnv = process.env, home = homedir()): Environment {
  const lookup = (name: string) => env[name] || undefined;
  const own = Object.keys(env).filter((name) => name.startsWith("RIPTIDE_") && env[name]);
  const paths = own.filter((name) => !isReserved(name));
  const known = paths.filter((name) => pathOf(name) !== undefined);
  const folder = (variable: string, fallback: string) => {
    const named = lookup(variable);
    return join(named && isAbsolute(named) ? named : join(home, fallback), "riptide");
  };
  const stateDir = lookup("RIPTIDE_STATE_DIR");
  const tenantKey = lookup("RIPTIDE_TENANT_KEY");
  return {
    lookup,
    inherited: () => env,
    flags: flagsOf(lookup),
    tenantKey: tenantKey === undefined ? undefined : new Secret(tenantKey),
    overrides: known.toSorted().map((name) => ({
      origin: name,
      path: pathOf(name) ?? [],
      text: env[name] ?? "",
      from: "variable",
    })),
    warnings: paths.filter((name) => !known.includes(name)).map(unknownVariable),
    home,
    stateDir: stateDir ? resolve(stateDir) : folder("XDG_STATE_HOME", ".local/state"),
    userConfig: join(folder("XDG_CONFIG_HOME", ".config"), "providers.yaml"),
    runtimeDir: lookup("XDG_RUNTIME_DIR"),
    proxy: proxyOf(lookup),
    tlsUnchecked: lookup("NODE_TLS_REJECT_UNAUTHORIZED") === "0",
  };
}

function flagsOf(lookup: Environment["lookup"]): Environment["flags"] {
  const given = Object.entries(FLAG_VARIABLES).map(([variable, flag]) => [flag, lookup(variable)] as const);
  return Object.fromEntries(given.filter(([, text]) => text !== undefined));
}

function proxyOf(lookup: Environment["lookup"]): Environment["proxy"] {
  const url = lookup("https_proxy") ?? lookup("HTTPS_PROXY");
  return url ? { url, noProxy: lookup("no_proxy") ?? lookup("NO_PROXY") ?? "" } : undefined;
}

const isReserved = (name: string) => name in FLAG_VARIABLES || OTHER_VARIABLES.includes(name);

/** `RIPTIDE_TIMEOUTS__COMPLETION` as `["timeouts", "completion"]`; undefined when no such block exists. */
function pathOf(name: string): readonly string[] | undefined {
  const path = name.slice("RIPTIDE_".length).toLowerCase().split("__");
  if (path.includes("")) return undefined;
  return (path.length === 1 ? SCALARS : BLOCKS).includes(path[0] ?? "") ? path : undefined;
}

function unknownVariable(name: string): string {
  const blocks = BLOCKS.map((block) => `RIPTIDE_${block.toUpperCase()}`);
  const [head = "", ...rest] = name.split("__");
  const whole = [...Object.keys(FLAG_VARIABLES), ...OTHER_VARIABLES, ...SCALARS.map(variableOf)];
  const near = rest.length > 0 ? nearest(head, blocks) : nearest(name, whole);
  const meant = near && [near, ...rest].join("__");
  return `${name} is not a variable of riptide${meant ? `; did you mean ${meant}?` : ""}`;
}

const variableOf = (key: string) => `RIPTIDE_${key.toUpperCase()}`;
