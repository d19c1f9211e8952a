import { expect, it } from "vitest";
import { anthropic, openai, useStage } from "../e2e/stage.ts";
import { yamlOf } from "../e2e/vendors.ts";
import { faultTable } from "../helpers/fault-table.ts";

const table = faultTable();
const stage = useStage();

it("a loop of one-shot processes leaves a dead provider alone as one process would, until it is reset (row 23, CB-13)", async () => {
  const dead = await stage.simulate(openai, { kind: "failure", failure: "server" });
  const sound = await stage.simulate(anthropic, { kind: "answer", tokens: ["here"] });
  const providers = [
    [openai, dead.url],
    [anthropic, sound.url],
  ] as const;
  const place = await stage.workplace(yamlOf(providers, "circuit_breaker: strict\n"));
  const seen: string[] = [];
  const once = async () => {
    const { code, stdout } = await place.run(["complete", "hi", "--json"]);
    const { text, skipped } = JSON.parse(stdout);
    expect([code, text]).toEqual([0, "here"]);
    const [skip] = skipped as readonly { readonly reason: string }[];
    seen.push(`${dead.requests.length} ${skip?.reason ?? "asked"}`);
  };
  // Strict opens at the fifth failure: the first try of the third process, whose repair is not made any more.
  for (let n = 0; n < 4; n += 1) await once();
  expect((await place.run(["circuits", "reset", "openai"])).code).toBe(0);
  await once();
  expect(seen).toEqual(["2 asked", "4 asked", "5 asked", "5 circuit_open", "7 asked"]);
  table.saw(23, `requests at the dead one, process by process: ${seen.join(", ")}`);
});
