import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { lifeOf, thisProcess } from "../../src/store/owner.ts";

const NOBODY = 65_534;
const OWNER = new URL("../../src/store/owner.ts", import.meta.url).href;

function startedOf(pid: number | undefined): number {
  const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
  return Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19]);
}

describe("whether an owner still runs (LG-2, LG-10)", () => {
  const own = thisProcess();

  it("knows this process by its number, its start and the run of the machine", () => {
    expect(own).toMatchObject({ pid: process.pid, started: startedOf(process.pid) });
    expect(own.boot).toMatch(/^[0-9a-f-]{36} pid:\[\d+\]$/);
    expect(lifeOf(own)).toBe("alive");
  });

  it("tells a process that was killed from one that runs, even before its parent has looked after it", async () => {
    const shell = spawn("bash", [
      "-c",
      'sleep 60 & echo $!; read -r; kill -9 $!; echo killed; sleep 60 & echo "$!"; exec sleep 61',
    ]);
    const next = () =>
      new Promise<string>((done) => shell.stdout.once("data", (text) => done(String(text).trim())));
    const pid = Number(await next());
    const owner = { ...own, pid, started: startedOf(pid) };
    expect(lifeOf(owner)).toBe("alive");
    // It becomes a program that never asks for its children, so the killed one stays listed.
    shell.stdin.write("\n");
    await next();
    await expect.poll(() => lifeOf(owner)).toBe("dead");
    const ended = new Promise((done) => shell.on("exit", done));
    const shellOwner = { ...own, pid: shell.pid ?? 0, started: startedOf(shell.pid) };
    shell.kill("SIGKILL");
    await ended;
    expect(lifeOf(shellOwner)).toBe("dead");
  });

  it("takes the same number with another start for another process", () => {
    expect(lifeOf({ ...own, started: own.started - 1 })).toBe("dead");
  });

  it("takes everything of another run of the machine for dead", () => {
    expect(lifeOf({ ...own, boot: own.boot.replace(/^[^ ]+/, "00000000-0000-0000-0000-000000000000") })).toBe(
      "dead",
    );
  });

  it("does not judge numbers of another process namespace, nor a process whose start is not known", () => {
    expect(lifeOf({ ...own, boot: `${own.boot.split(" ")[0]} pid:[1]` })).toBe("unknown");
    expect(lifeOf({ ...own, started: 0 })).toBe("unknown");
    expect(lifeOf({ ...own, started: 0, pid: 4_194_303 })).toBe("dead");
  });

  it.skipIf(process.getuid?.() !== 0)(
    "knows a process of another user, though it may not signal it (EPERM)",
    async () => {
      const code = `process.setgid(${NOBODY}); process.setuid(${NOBODY});
      try { process.kill(${process.pid}, 0) } catch (error) { console.log(error.code, lifeOf(${JSON.stringify(own)})) }`;
      const script = `import { lifeOf } from ${JSON.stringify(OWNER)}; ${code}`;
      const child = spawn(process.execPath, ["--input-type=module", "-e", script]);
      let output = "";
      child.stdout.on("data", (chunk) => {
        output += chunk;
      });
      await new Promise((done) => child.on("close", done));
      expect(output).toBe("EPERM alive\n");
    },
  );
});
