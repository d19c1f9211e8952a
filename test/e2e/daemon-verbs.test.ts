import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { useStage } from "./stage.ts";

const stage = useStage();

describe("the daemon's verbs", () => {
  it("start, ping, status and stop say what is so, and are success where it is so already", async () => {
    const place = await stage.workplace();
    const verb = async (...args: string[]) => {
      const { code, stdout, stderr } = await place.run(["daemon", ...args]);
      return { code, stdout, stderr };
    };
    const document = async (...args: string[]) => JSON.parse((await verb(...args, "--json")).stdout);
    expect((await verb("ping")).code).toBe(10);
    const stopped = await verb("status", "--json");
    expect([stopped.code, JSON.parse(stopped.stdout)]).toMatchObject([
      10,
      { schema: "riptide.daemon/1", state: "stopped", pid: null },
    ]);
    const started = await document("start");
    stage.defer(() => place.run(["daemon", "stop", "--force"]));
    expect(started).toMatchObject({
      schema: "riptide.daemon/1",
      state: "running",
      result: "started",
      skew: "none",
    });
    const socket = (await verb("socket")).stdout.trim();
    expect(socket).toBe(join(place.folder, "run/riptide/riptide.sock"));
    expect(started.socket).toBe(socket);
    expect(await verb("start")).toMatchObject({
      ...{ code: 0, stderr: "" },
      stdout: `already running: ${socket} (process ${started.pid})\n`,
    });
    expect((await verb("ping")).code).toBe(0);
    expect(await document("stop")).toMatchObject({ state: "stopped", result: "stopped" });
    expect((await verb("ping")).code).toBe(10);
    expect(await document("stop")).toMatchObject({ state: "stopped", result: "already_stopped" });
  });

  it.skipIf(process.platform !== "linux")(
    "start gives the daemon all variables, and one arena of malloc where none are named",
    async () => {
      const place = await stage.workplace();
      const variables = async (env: Record<string, string>) => {
        const { stdout } = await place.run(["daemon", "start", "--json"], { env });
        stage.defer(() => place.run(["daemon", "stop", "--force"]));
        const { pid } = JSON.parse(stdout);
        const read = readFileSync(`/proc/${pid}/environ`, "utf8").split("\0");
        await place.run(["daemon", "stop"]);
        return read;
      };
      expect(await variables({ PLACE: "here" })).toEqual(
        expect.arrayContaining(["MALLOC_ARENA_MAX=1", "PLACE=here"]),
      );
      expect(await variables({ MALLOC_ARENA_MAX: "4" })).toContain("MALLOC_ARENA_MAX=4");
    },
  );

  it("start tells what the daemon said when it does not come up, and ends as it did", async () => {
    const place = await stage.workplace("version: 1\nprovidrs: {}\n");
    const { code, stdout, stderr } = await place.run(["daemon", "start", "--json"]);
    expect(code).toBe(3);
    expect(JSON.parse(stdout)).toMatchObject({
      schema: "riptide.error/1",
      error: { code: "config_invalid", exit: 3 },
    });
    expect(stderr).toMatch(/^error\[config_invalid\]: /);
  });

  it("install prints a unit with no more rights than it needs (F-6)", async () => {
    const place = await stage.workplace();
    const { code, stdout } = await place.run(["daemon", "install", "--print"]);
    expect(code).toBe(0);
    for (const line of [
      ...["NoNewPrivileges=yes", "ProtectSystem=strict", "PrivateTmp=yes", "UMask=0077", "LimitCORE=0"],
      "Environment=MALLOC_ARENA_MAX=1",
      "RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6",
    ])
      expect(stdout).toContain(`\n${line}\n`);
    expect(stdout).toMatch(/^ExecStart=\S+ \S+riptide\.js daemon run --config \S+providers\.yaml$/m);
    const written = await place.run(["daemon", "install", "--socket-activated"]);
    const [service = "", socket = ""] = written.stdout.trim().split("\n");
    expect(readFileSync(service, "utf8")).toContain("Requires=riptide.socket\n");
    expect(readFileSync(socket, "utf8")).toContain(
      `ListenStream=${join(place.folder, "run/riptide/riptide.sock")}\n`,
    );
    expect((await place.run(["daemon", "uninstall"])).stdout).toBe(written.stdout);
  });

  it("logs show the end of the log, filtered, for people and as it is written", async () => {
    const place = await stage.workplace();
    const folder = join(place.folder, ".local/state/riptide");
    mkdirSync(folder, { recursive: true });
    const line = (level: number, time: number, msg: string, facts = {}) =>
      JSON.stringify({ level, time, ...facts, msg });
    const lines = [
      line(30, 1_795_000_000_000, "started"),
      line(50, 1_795_000_001_000, "it broke", { id: "rq_1" }),
      line(20, 1_795_000_002_000, "a detail"),
    ];
    writeFileSync(join(folder, "daemon.log"), `${lines.join("\n")}\n`);
    const logs = async (...args: string[]) => (await place.run(["daemon", "logs", ...args])).stdout;
    expect(await logs("-n", "2", "-o", "jsonl")).toBe(`${lines.slice(1).join("\n")}\n`);
    expect(await logs("--level", "warn")).toBe("2026-11-18T11:06:41Z  error  it broke  id=rq_1\n");
    expect(await logs("--request", "rq_1", "--json")).toBe(`${lines[1]}\n`);
  });
});
