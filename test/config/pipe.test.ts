import { execFileSync } from "node:child_process";
import { createWriteStream, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Clock, systemClock } from "../../src/core/clock.ts";
import { RiptideError } from "../../src/core/errors.ts";
import { errorOf, workspace } from "./workspace.ts";

let place: ReturnType<typeof workspace>;
beforeEach(() => {
  place = workspace();
});
afterEach(() => place.remove());

const FILE = "providers:\n  lab: { type: mock }\n";
const pipe = () => {
  const path = join(place.cwd, "pipe");
  execFileSync("mkfifo", [path]);
  return path;
};

describe("a configuration in a named pipe", () => {
  it("is read when its writer comes, and never cached", async () => {
    const path = pipe();
    const loading = place.load({}, { configFlag: path });
    createWriteStream(path).end(FILE);
    const loaded = await loading;
    expect(loaded.config.providers[0]?.id).toBe("lab");
    expect(loaded.document).toBeDefined();
  });

  it("is waited for no longer than half a minute", async () => {
    let expire = () => {};
    const armed = Promise.withResolvers<number>();
    const clock: Clock = {
      ...systemClock,
      timer: (ms, callback) => {
        expire = callback;
        armed.resolve(ms);
        return () => {};
      },
    };
    const pending = errorOf(place.load({}, { configFlag: pipe(), clock }));
    expect(await armed.promise).toBe(30_000);
    expire();
    expect((await pending).message).toMatch(/: nothing came within 30 s$/);
  });

  it("is left at once when the call is cancelled, or was before", async () => {
    const controller = new AbortController();
    const reason = new RiptideError("cancelled", "interrupted");
    const timer = () => {
      controller.abort(reason);
      return () => {};
    };
    const clock: Clock = { ...systemClock, timer };
    const options = { configFlag: pipe(), signal: controller.signal, clock };
    expect(await errorOf(place.load({}, options))).toBe(reason);
    expect(await errorOf(place.load({}, options))).toBe(reason);
  });

  it("is read up to 1 MiB", async () => {
    const path = pipe();
    const pending = errorOf(place.load({}, { configFlag: path }));
    createWriteStream(path)
      .on("error", () => undefined)
      .end(`# ${"x".repeat(2 ** 21)}`);
    expect((await pending).message).toContain("the file is larger than 1 MiB");
  });
});

describe("a configuration file", () => {
  it("may be a link, whose target is what counts", async () => {
    writeFileSync(join(place.cwd, "real.yaml"), FILE);
    symlinkSync("real.yaml", join(place.cwd, "link.yaml"));
    expect((await place.load({}, { configFlag: "link.yaml" })).config.providers[0]?.id).toBe("lab");
    // The cache knows it by the file behind the link.
    expect((await place.load({}, { configFlag: "real.yaml" })).document).toBeUndefined();
  });

  it.each([
    ["a device without end", "/dev/zero", "larger than 1 MiB"],
    ["an empty device", "/dev/null", "the file is empty"],
    ["a folder", "/", "it is a folder"],
  ])("that is %s is refused", async (_name, path, words) => {
    expect((await errorOf(place.load({}, { configFlag: path }))).message).toContain(words);
  });

  it("that has no name is a usage error", async () => {
    expect((await errorOf(place.load({}, { configFlag: "" }))).code).toBe("usage");
  });
});
