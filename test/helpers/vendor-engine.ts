import { buildDraft } from "../../src/config/build.ts";
import { completeSettings } from "../../src/config/complete.ts";
import { resolveOptions } from "../../src/config/secrets.ts";
import { systemClock } from "../../src/core/clock.ts";
import { seededRandom } from "../../src/core/random.ts";
import type { Engine } from "../../src/engine/engine.ts";
import { createGeneration, type Surroundings } from "../../src/engine/generation.ts";
import { openGuard } from "../../src/engine/guard.ts";
import { openStages } from "../../src/engine/stages.ts";
import { createRegistry } from "../../src/providers/registry.ts";
import { createNodeTransport } from "../../src/wire/transport-node.ts";
import { CREDENTIALS, type Vendor, yamlOf } from "../e2e/vendors.ts";

/**
 * The engine in this process, with these vendors in one alias; over real sockets and in real time unless `around` says
 * otherwise.
 * @param extra Further lines of the file.
 */
export async function vendorEngine(
  entries: readonly (readonly [vendor: Vendor, url: string, id?: string])[],
  extra = "",
  around: Partial<Surroundings> = {},
): Promise<Engine> {
  const registry = createRegistry();
  const lookup = (name: string) => CREDENTIALS[name];
  const source = { kind: "text", text: yamlOf(entries, extra), shown: "test" } as const;
  const { draft } = await buildDraft({ source, overrides: [], registry, lookup });
  const { settings } = completeSettings(draft, lookup);
  const { clock = systemClock } = around;
  const generation = createGeneration(
    { ...settings, path: null, revision: draft.revision },
    {
      clock,
      registry,
      environment: lookup,
      readFile: (path) => Promise.reject(new Error(`no file ${path}`)),
      resolve: (value) =>
        resolveOptions(value, { environment: { lookup, home: "/nowhere" }, clock, onSecret: () => {} }),
      createTransport: (policy) => createNodeTransport(policy, clock),
      ...around,
    },
  );
  return { generation, clock, stages: openStages, guard: openGuard, random: seededRandom(1) };
}
