import { mkdir, readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { Scenario } from "../helpers/simulator.ts";
import { anthropic, openai, shell, startCli, useStage } from "./stage.ts";
import { yamlOf } from "./vendors.ts";

const stage = useStage();
const SLOW: Scenario = {
  kind: "answer",
  tokens: Array.from({ length: 400 }, (_, index) => `word ${index} `),
  delivery: { slice: 200, intervalMs: 20 },
};
const CUT: Scenario = { kind: "answer", tokens: ["half ", "an ", "answer"], delivery: { cutAfterEvents: 3 } };

async function withOpenAi(...scenarios: Scenario[]) {
  const simulator = await stage.simulate(openai, ...scenarios);
  const place = await stage.workplace(yamlOf([[openai, simulator.url]]));
  return { simulator, place };
}

const leftovers = async (folder: string) => (await readdir(folder)).filter((name) => name.endsWith(".part"));

describe("a reader that has seen enough", () => {
  it("ends the pipeline quietly with 0 and cancels the answer upstream", async () => {
    const { simulator, place } = await withOpenAi(SLOW);
    const { stdout, stderr } = await shell(
      place,
      `echo text | riptide complete "summarise" | head -c 10; echo " \${PIPESTATUS[@]}"`,
    );
    expect([stdout, stderr]).toEqual(["word 0 wor 0 0 0\n", ""]);
    await expect.poll(() => simulator.aborted).toBe(1);
    expect(simulator.requests[0]?.body.toString()).toContain("<stdin>\\ntext\\n</stdin>");
  });

  it.each([
    ["jsonl", "-o jsonl"],
    ["reasoning", "--show-reasoning"],
  ])("does so with %s too", async (_name, flags) => {
    const { place } = await withOpenAi(SLOW);
    const { stdout, stderr } = await shell(
      place,
      `riptide complete hi ${flags} | head -c 4 >/dev/null; echo "\${PIPESTATUS[@]}"`,
    );
    expect([stdout, stderr]).toEqual(["0 0\n", ""]);
  });
});

describe("an output that takes no more", () => {
  it.each([
    ["complete hi", true],
    ["complete hi --json", true],
    ["complete hi -o jsonl", true],
    ["embed hi -m fake/m", true],
    ["models list", true],
    ["config show", true],
    ["help", true],
    ["complete --help", true],
    ["version", true],
    ["--version", false],
    ["complete hi -O /dev/full", true],
  ])("fails with 1: %s > /dev/full", async (args, says) => {
    const place = await stage.workplace();
    const { code, stderr } = await shell(place, `riptide ${args} >/dev/full`);
    expect(code).toBe(1);
    if (says)
      expect(stderr).toMatch(/^error\[write_failed\]: cannot write .*ENOSPC.*\nhint: .*\n(request: .*\n)?$/);
  });

  it.each(["2>&-", "2>/dev/full", ">/dev/null 2>&-"])("does not mind a lost stderr: %s", async (redirect) => {
    const place = await stage.workplace();
    expect((await shell(place, `riptide complete hi -u ${redirect}`)).code).toBe(0);
  });
});

describe("output of any size", () => {
  const long = "0123456789abcdef".repeat(20_000);

  it.each(["--json", "-o jsonl", ""])("reaches a slow reader whole: complete %s", async (flags) => {
    const { place } = await withOpenAi({ kind: "answer", tokens: [long] });
    const { stdout } = await shell(place, `riptide complete hi ${flags} | { sleep 0.4; cat; }`);
    expect(stdout.length).toBeGreaterThan(300_000);
    expect(stdout).toContain(long);
    if (flags === "--json") expect(JSON.parse(stdout).text).toBe(long);
    expect(stdout.endsWith("\n")).toBe(true);
  });
});

describe("the final newline", () => {
  it.each([
    ["is added where it is missing", "no end", [], "no end\n"],
    ["is not doubled", "an end\n", [], "an end\n"],
    ["is left out with --raw", "no end", ["--raw"], "no end"],
  ])("%s", async (_name, text, flags, expected) => {
    const { place } = await withOpenAi({ kind: "answer", tokens: [text] });
    const { code, stdout } = await place.run(["complete", "hi", ...flags]);
    expect([code, stdout]).toEqual([0, expected]);
  });

  it("is not made for an answer that its limit cut before the first character", async () => {
    const { place } = await withOpenAi({ kind: "answer", tokens: [""], finish: "length" });
    const { code, stdout } = await place.run(["complete", "hi"]);
    expect([code, stdout]).toEqual([0, ""]);
  });
});

describe("reasoning", () => {
  it("goes to stderr with --show-reasoning, ends its line, and never to stdout", async () => {
    const place = await stage.workplace();
    const simulator = await stage.simulate(anthropic, {
      kind: "answer",
      reasoning: "let me see",
      tokens: ["four"],
    });
    const { run } = await stage.workplace(yamlOf([[anthropic, simulator.url]]));
    const shown = await run(["complete", "2+2", "--show-reasoning", "-u"]);
    expect([shown.code, shown.stdout]).toEqual([0, "four\n"]);
    expect(shown.stderr).toMatch(/^let me see\nanthropic\/.*\n$/);
    expect((await run(["complete", "2+2"])).stderr).toBe("");
    expect((await place.run(["complete", "hi"])).stderr).toBe("");
  });
});

describe("an answer written to a file", () => {
  it("appears under its name only when it is whole, for its owner alone", async () => {
    const { simulator, place } = await withOpenAi({
      ...SLOW,
      tokens: ["a", "b", "c"],
      delivery: { slice: 60, intervalMs: 50 },
    });
    const running = startCli(place, ["complete", "hi", "-O", "answer.txt"]);
    await expect.poll(() => leftovers(place.folder), { timeout: 10_000 }).toHaveLength(1);
    expect(await readdir(place.folder)).not.toContain("answer.txt");
    expect(await running.ended).toMatchObject({ code: 0 });
    expect(simulator.requests).toHaveLength(1);
    expect(await readFile(join(place.folder, "answer.txt"), "utf8")).toBe("abc\n");
    expect(running.stdout()).toBe("");
    expect(await leftovers(place.folder)).toEqual([]);
  });

  it("leaves nothing behind when it fails, and what came of it with --keep-partial", async () => {
    const { place } = await withOpenAi(CUT);
    expect((await place.run(["complete", "hi", "-O", "a.txt"])).code).toBe(5);
    expect(await readdir(place.folder)).not.toContain("a.txt");
    expect(await leftovers(place.folder)).toEqual([]);
    expect((await place.run(["complete", "hi", "-O", "a.txt", "--keep-partial"])).code).toBe(5);
    expect(await readFile(join(place.folder, "a.txt"), "utf8")).toMatch(/^half/);
  });

  it.each(["gone/a.txt", "folder", "json --json"])(
    "is refused before anything is sent: %s",
    async (where) => {
      const { simulator, place } = await withOpenAi(SLOW);
      await mkdir(join(place.folder, "folder"));
      const [path = "", ...flags] = where === "json --json" ? ["gone/a.txt", "--json"] : [where];
      const { code, stderr } = await place.run(["complete", "hi", "-O", path, ...flags]);
      expect([code, simulator.requests.length]).toEqual([1, 0]);
      expect(stderr).toMatch(/^error\[write_failed\]: cannot write /);
      expect(stderr).not.toContain(".part");
      expect(await leftovers(place.folder)).toEqual([]);
    },
  );

  it("holds the document with --json", async () => {
    const place = await stage.workplace();
    const { code, stdout } = await place.run(["complete", "hi", "--json", "-O", "a.json"]);
    expect([code, stdout]).toEqual([0, ""]);
    expect(JSON.parse(await readFile(join(place.folder, "a.json"), "utf8"))).toMatchObject({
      ok: true,
      text: "hi",
    });
  });

  it("goes into a pipe that stands there, which stays one", async () => {
    const place = await stage.workplace();
    const { stdout } = await shell(
      place,
      "mkfifo p; cat p & riptide complete hi -O p; wait; [ -p p ] && echo pipe",
    );
    expect(stdout).toBe("hi\npipe\n");
  });

  it("has safe modes whatever the umask says, as has everything else that is made", async () => {
    const place = await stage.workplace();
    const { code, stdout } = await shell(
      place,
      'umask 000; touch start; RIPTIDE_CONFIG= riptide complete hi -m mock/m >/dev/null; riptide complete hi -O a.txt && riptide -C new/providers.yaml config init -q >/dev/null; find . -newer start ! -path . -printf "%y %m %p\\n"',
    );
    expect(code).toBe(0);
    const found = stdout.trim().split("\n");
    expect(found.some((line) => line.endsWith("a.txt"))).toBe(true);
    expect(found.some((line) => line.endsWith("new/providers.yaml"))).toBe(true);
    expect(found.some((line) => line.includes("riptide/cache/config-"))).toBe(true);
    expect(found.filter((line) => !/^(f 600|d 700) /.test(line))).toEqual([]);
  });
});
