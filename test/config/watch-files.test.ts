import {
  appendFileSync,
  chmodSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { chokidarHints } from "../../src/config/watch/hints.ts";
import { lookAt } from "../../src/config/watch/look.ts";
import { watchConfig } from "../../src/config/watch.ts";
import { virtualClock } from "../helpers/virtual-clock.ts";

/** The real watcher and real looks on a folder of its own, under a clock that only the test moves. */
async function stage(path: string) {
  const clock = virtualClock();
  let triggers = 0;
  const waiting = new Set<() => void>();
  const triggered = Promise.withResolvers<void>();
  const ready = Promise.withResolvers<void>();
  const watch = watchConfig(
    {
      path,
      clock,
      // As it was before it is watched, so that no change comes too early to be one.
      seen: await lookAt(path),
      onTrigger() {
        triggers += 1;
        triggered.resolve();
      },
      onWarning: (line) => expect.unreachable(line),
    },
    {
      hints: (watched, told) =>
        chokidarHints(watched, {
          ...told,
          onReady: () => ready.resolve(),
          onHint() {
            told.onHint();
            for (const wake of waiting) wake();
          },
        }),
      look: lookAt,
    },
  );
  open.push(() => watch.close());
  await ready.promise;
  return {
    /** Resolves when the next hint has come. */
    hinted: () => new Promise<void>((resolve) => waiting.add(resolve)),
    /** Passes the debounce; the look that follows takes real time. */
    async told() {
      await clock.advance(500);
      await triggered.promise;
      return triggers;
    },
    /** Passes polls until one has seen it; each look takes real time. */
    async polled() {
      for (let tries = 0; tries < 200 && triggers === 0; tries += 1) {
        await clock.advance(100);
        await lookAt(path);
      }
      return triggers;
    },
  };
}

const open: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of open.splice(0)) await close();
});

function folder(): string {
  const made = mkdtempSync(join(tmpdir(), "riptide-watch-"));
  open.push(async () => rmSync(made, { recursive: true, force: true }));
  return made;
}

/** A folder `conf` with a providers.yaml, as ways to save it find it. */
function standing() {
  const root = folder();
  const conf = join(root, "conf");
  mkdirSync(conf);
  const path = join(conf, "providers.yaml");
  writeFileSync(path, "version: 1\n");
  return { root, conf, path };
}

type Save = (place: ReturnType<typeof standing>) => void;

const SAVES: Readonly<Record<string, Save>> = {
  "written in place": ({ path }) => writeFileSync(path, "version: 1 # again\n"),
  "appended to": ({ path }) => appendFileSync(path, "# more\n"),
  "renamed over": ({ path, conf }) => {
    writeFileSync(join(conf, ".new"), "version: 1 # renamed\n");
    renameSync(join(conf, ".new"), path);
  },
  "moved aside and written anew, as vim does": ({ path }) => {
    renameSync(path, `${path}~`);
    writeFileSync(path, "version: 1 # vim\n");
    unlinkSync(`${path}~`);
  },
  deleted: ({ path }) => unlinkSync(path),
  "in a folder that is removed and made again": ({ path, conf }) => {
    rmSync(conf, { recursive: true });
    mkdirSync(conf);
    writeFileSync(path, "version: 1 # recreated\n");
  },
};

describe("the file system gives a sign of a configuration (row 41)", () => {
  it.each(Object.entries(SAVES))("%s", async (_name, save) => {
    const place = standing();
    const watched = await stage(place.path);
    const hinted = watched.hinted();
    save(place);
    await hinted;
    expect(await watched.told()).toBe(1);
  });

  it("absent at start", async () => {
    const path = join(folder(), "providers.yaml");
    const watched = await stage(path);
    const hinted = watched.hinted();
    writeFileSync(path, "version: 1\n");
    await hinted;
    expect(await watched.told()).toBe(1);
  });

  it("replaced by a swap of ..data, as a mounted volume is", async () => {
    const root = folder();
    for (const name of ["one", "two"]) {
      mkdirSync(join(root, name));
      writeFileSync(join(root, name, "providers.yaml"), `version: 1 # ${name}\n`);
    }
    symlinkSync("one", join(root, "..data"));
    symlinkSync("..data/providers.yaml", join(root, "providers.yaml"));
    const watched = await stage(join(root, "providers.yaml"));
    symlinkSync("two", join(root, "..next"));
    renameSync(join(root, "..next"), join(root, "..data"));
    expect(await watched.polled()).toBe(1);
  });
});

describe("the poll sees without a sign (row 41, HR-8)", () => {
  it.each<[string, (root: string) => void]>([
    [
      "a link above that points elsewhere",
      (root) => {
        symlinkSync("two", join(root, "next"));
        renameSync(join(root, "next"), join(root, "link"));
      },
    ],
    [
      "a swapped folder two above",
      (root) => {
        renameSync(join(root, "one"), join(root, "old"));
        renameSync(join(root, "two"), join(root, "one"));
      },
    ],
    ["other permissions", (root) => chmodSync(join(root, "one/in/providers.yaml"), 0o600)],
  ])("%s", async (_name, change) => {
    const root = folder();
    for (const name of ["one", "two"]) {
      mkdirSync(join(root, name, "in"), { recursive: true });
      writeFileSync(join(root, name, "in/providers.yaml"), `version: 1 # ${name}\n`);
      chmodSync(join(root, name, "in/providers.yaml"), 0o644);
    }
    symlinkSync("one", join(root, "link"));
    const watched = await stage(join(root, "link/in/providers.yaml"));
    change(root);
    expect(await watched.polled()).toBe(1);
  });
});
