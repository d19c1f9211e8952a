import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { tellConfigNotes } from "../../../src/cli/client/config-notes.ts";
import { hello } from "../../../src/cli/client/hello.ts";
import { byDaemonOrHere } from "../../../src/cli/client/ways.ts";
import { openSession } from "../../../src/cli/session.ts";
import { controlStage, yaml } from "../../daemon/control/control-stage.ts";
import { type ClientCall, clientCall, standIn } from "./client-call.ts";

/** An alias with the name of a provider. */
const TEXT = yaml("").replace("models:", "models:\n  first: { targets: [first/m] }");

/** The same call twice: what is said of the configuration by itself, and of that of a daemon on the same text. */
async function both(argv: readonly string[], env: NodeJS.ProcessEnv = {}) {
  const { place } = await controlStage(TEXT);
  const stage = (): ClientCall => {
    const made = clientCall({ argv, env });
    const path = join(made.folder, "p.yaml");
    writeFileSync(path, TEXT);
    chmodSync(path, 0o600);
    return made;
  };
  const [through, here] = [stage(), stage()];
  await tellConfigNotes(through.call, await hello(through.call, place.path, 2_000));
  await openSession(here.call);
  return [through.stderr(), here.stderr()];
}

describe("what should be known of the configuration", () => {
  it("is said through the daemon in the words of a call without it, with the file as the call names it", async () => {
    const [through, here] = await both(["-C", "p.yaml"]);
    expect(through).toBe(here);
    expect(through).toBe('warning: p.yaml:6:3: the alias "first" has the name of a provider\n');
  });

  it("includes what is wrong with the variables of the call itself", async () => {
    const [through, here] = await both(["-C", "p.yaml"], { RIPTIDE_TIMEOUT_S: "3" });
    expect(through).toBe(here);
    expect(through).toMatch(/^warning: .*RIPTIDE_TIMEOUT_S.*\nwarning: p\.yaml:6:3: /);
  });

  it.each([
    ["once where the daemon takes the call", 0],
    ["once where it does not", undefined],
  ] as const)("is said before anything is read, and %s", async (_name, exit) => {
    const stage = clientCall();
    writeFileSync(stage.config, TEXT);
    const warnings = [{ line: 6, column: 3, message: "an odd alias" }];
    const config = { path: stage.config, revision: "r", warnings };
    await standIn(stage, { hello: { config } });
    const order: string[] = [];
    const code = await byDaemonOrHere(stage.call, {
      read: async () => void order.push(`read after ${JSON.stringify(stage.stderr())}`),
      through: async () => exit,
      here: async () => 7,
    });
    const said = stage.stderr();
    expect(said).toMatch(/^warning: .*:6:3: an odd alias\n$/);
    expect([code, order]).toEqual([exit ?? 7, [`read after ${JSON.stringify(said)}`]]);
  });

  it("is left out with --quiet", async () => {
    expect(await both(["-C", "p.yaml", "-q"])).toEqual(["", ""]);
  });
});
