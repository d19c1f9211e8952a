import { dirname } from "node:path";
import type { Clock } from "../core/clock.ts";
import { RiptideError } from "../core/errors.ts";
import type { JsonObject } from "../core/json.ts";
import type { Registry } from "../providers/registry.ts";
import type { BuildInput, Built, LoadPlugins } from "./build.ts";
import { type DraftCache, draftCache, hash } from "./cache.ts";
import { completeSettings } from "./complete.ts";
import type { Config } from "./config.ts";
import { discoverProviders, type InstalledModel } from "./discover.ts";
import { type Draft, placeIssue } from "./draft.ts";
import type { Environment } from "./environment.ts";
import { type Located, locateConfig } from "./locate.ts";
import { type Origins, parseSets } from "./override.ts";
import { type Path, positionOf } from "./position.ts";
import { fileName, type Problem, problemsError, problemText } from "./problems.ts";
import { decodeText, openSource } from "./source.ts";

/** What loading needs of the process around it. */
export interface LoadOptions {
  readonly environment: Environment;
  /** `--config`. */
  readonly configFlag?: string | undefined;
  /** `--set` arguments. */
  readonly sets?: readonly string[];
  readonly cwd: string;
  readonly readStdin: () => Promise<Uint8Array>;
  readonly registry: Registry;
  /** Called where a file names plugins. */
  readonly loadPlugins?: LoadPlugins;
  readonly installedModel: InstalledModel;
  readonly clock: Clock;
  /** Of the program. */
  readonly version: string;
  /** False reads the file itself even where the cache has it. */
  readonly useCache?: boolean;
  /** Ends the wait for a pipe. */
  readonly signal?: AbortSignal;
}

export interface LoadedConfig {
  readonly config: Config;
  /** Lines for stderr. */
  readonly warnings: readonly string[];
  /** Those of them that are the file's, for whoever knows the file by another name. */
  readonly problems: readonly Problem[];
  /** Says that a file was passed over, where that may surprise. */
  readonly notice: string | undefined;
  readonly located: Located;
  /** Where a path stands, such as `providers.yaml:6:14`; undefined when it is not in a file. */
  readonly placeOf: (path: Path) => string | undefined;
  /** Every provider type there is for it: the built-in ones and those of its plugins. */
  readonly registry: Registry;
  /** The file's words, for views of it; undefined when the cache served. */
  readonly document?: { readonly tree: JsonObject; readonly origins: Origins; readonly draft: Draft };
}

/**
 * Loads the configuration of a call: flags over variables over the file over defaults, or what the environment
 * offers when there is no file.
 * @throws RiptideError `config_not_found`, `config_invalid`; `usage` for a malformed `--set`.
 */
export async function loadConfig(options: LoadOptions): Promise<LoadedConfig> {
  const { environment } = options;
  if (environment.tlsUnchecked) {
    throw new RiptideError("config_invalid", "NODE_TLS_REJECT_UNAUTHORIZED=0 would send keys to anyone", {
      hint: "unset NODE_TLS_REJECT_UNAUTHORIZED; for a private authority use ca_file or NODE_EXTRA_CA_CERTS",
    });
  }
  const located = await locateConfig(options.configFlag, environment, options.cwd);
  const found = await obtain(located, options);
  return finish(found, located, options);
}

interface Found {
  readonly draft: Draft;
  readonly built?: Built;
}

async function obtain(located: Located, options: LoadOptions): Promise<Found> {
  if (located.kind === "file") return fromFile(located, options);
  if (located.kind === "stdin") {
    const text = decodeText(await options.readStdin(), "<stdin>");
    return build({ kind: "text", text, shown: "-" }, options, undefined);
  }
  const tree = await discoverProviders(options.environment, options.installedModel);
  const identity = hash(JSON.stringify(tree));
  return cached("discovered", identity, options, () =>
    build({ kind: "discovered", tree }, options, undefined),
  );
}

/** A file changed this recently may change again without its times showing it. */
const SETTLED_MS = 100;

async function fromFile({ path, shown }: Located & { kind: "file" }, options: LoadOptions): Promise<Found> {
  const file = await openSource(path, shown, options);
  try {
    let isSteady = options.clock.wall() - file.changedMs > SETTLED_MS;
    const make = async () => {
      const { text, steady } = await file.read();
      isSteady &&= steady;
      return build({ kind: "text", text, shown }, options, dirname(path));
    };
    if (file.identity === undefined) return await make();
    return await cached(file.realPath, file.identity, options, make, () => isSteady);
  } finally {
    await file.close();
  }
}

async function cached(
  name: string,
  identity: string,
  options: LoadOptions,
  make: () => Promise<Required<Found>>,
  isSteady: () => boolean = () => true,
): Promise<Found> {
  const cache: DraftCache = draftCache(options.environment.stateDir, options.version);
  const isPlain = overridesOf(options).length === 0;
  const kept = isPlain && options.useCache !== false ? await cache.read(name, identity) : undefined;
  if (kept) return { draft: kept };
  const found = await make();
  if (found.built.cacheable && isSteady()) await cache.write(name, identity, found.draft);
  return found;
}

async function build(
  source: BuildInput["source"],
  options: LoadOptions,
  folder: string | undefined,
): Promise<Required<Found>> {
  const { buildDraft } = await import("./build.ts");
  const { environment, registry, loadPlugins } = options;
  const overrides = overridesOf(options);
  const { lookup } = environment;
  const built = await buildDraft({ source, overrides, registry, loadPlugins, folder, lookup });
  return { draft: built.draft, built };
}

/** Later ones win: flags over variables. */
const overridesOf = ({ environment, sets = [] }: LoadOptions) => [
  ...environment.overrides,
  ...parseSets(sets),
];

/** Puts in the variables and checks what only then can be checked. */
function finish({ draft, built }: Found, located: Located, options: LoadOptions): LoadedConfig {
  const { environment } = options;
  const { settings, issues } = completeSettings(draft, environment.lookup);
  const shown = located.kind === "file" ? located.shown : located.kind === "stdin" ? "-" : undefined;
  const origins: Origins = built?.origins ?? new Map();
  const problems = issues.map((issue) => placeIssue(issue, draft.places, origins));
  if (problems.some((problem) => problem.severity === "error")) throw problemsError(problems, shown);
  const path = located.kind === "file" ? located.path : (shown ?? null);
  return {
    config: { ...settings, path, revision: draft.revision },
    problems,
    warnings: [...environment.warnings, ...problems.map((problem) => problemText(problem, shown))],
    notice: located.kind === "none" && located.ignored ? IGNORED : undefined,
    located,
    registry: built?.registry ?? options.registry,
    placeOf: (asked) => {
      const at = positionOf(draft.places, asked, "value");
      return at && shown !== undefined ? `${fileName(shown)}:${at.line}:${at.column}` : undefined;
    },
    ...(built && { document: { tree: built.tree, origins: built.origins, draft } }),
  };
}

const IGNORED = "./providers.yaml is not used unless named: riptide --config ./providers.yaml …";

/** The error of a call that needs a provider where nothing is configured. */
export function noProvidersError(located: Located): RiptideError {
  const isIgnored = located.kind === "none" && located.ignored;
  return new RiptideError("no_providers", "no configuration and no provider keys found", {
    reasons: [
      "looked at --config, RIPTIDE_CONFIG, ~/.config/riptide/providers.yaml and provider variables",
      ...(isIgnored ? ["./providers.yaml exists but is not used unless named"] : []),
    ],
    hint: isIgnored
      ? "riptide --config ./providers.yaml …   or   riptide config init"
      : "riptide config init",
  });
}
