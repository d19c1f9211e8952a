import { once } from "node:events";
import { chmodSync, symlinkSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { join } from "node:path";
import { inspect } from "node:util";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { resolveOptions, resolveSecret } from "../../src/config/secrets.ts";
import { type Clock, systemClock } from "../../src/core/clock.ts";
import { Secret, type SecretSource } from "../../src/core/secret.ts";
import { errorOf, workspace } from "./workspace.ts";

let place: ReturnType<typeof workspace>;
let learnt: string[];
beforeEach(() => {
  place = workspace();
  learnt = [];
});
afterEach(() => place.remove());

const context = (env: NodeJS.ProcessEnv = {}, clock: Clock = systemClock) => ({
  environment: place.environment(env),
  clock,
  onSecret: (secret: Secret) => learnt.push(secret.reveal()),
  owner: "provider openai",
  path: ["providers", "openai", "api_key"],
  placeOf: () => "providers.yaml:6:14",
});
const file = (text: string, mode: number) => {
  const path = join(place.home, "key");
  writeFileSync(path, text);
  chmodSync(path, mode);
  return { kind: "secret", from: "file", path } as const;
};
const command = (...words: string[]): SecretSource => ({ kind: "secret", from: "command", command: words });
const node = (script: string) => command(process.execPath, "-e", script);

describe("a secret", () => {
  it.each<[string, SecretSource]>([
    ["a variable", { kind: "secret", from: "env", name: "KEY" }],
    ["a text with a variable", { kind: "secret", from: "text", text: `\${KEY}` }],
    ["a text with a fallback", { kind: "secret", from: "text", text: `\${NOPE:-s3cret}` }],
    ["plain text", { kind: "secret", from: "text", text: "s3cret" }],
  ])("comes from %s and is made known", async (_name, source) => {
    const secret = await resolveSecret(source, context({ KEY: "s3cret\n" }));
    expect(secret.reveal()).toBe("s3cret");
    expect(`${secret}${inspect(secret)}${JSON.stringify(secret)}`).not.toContain("s3cret");
    expect(learnt).toEqual(["s3cret"]);
  });

  it.each([0o600, 0o400])("comes from a file of ours with mode %o", async (mode) => {
    expect((await resolveSecret(file("s3cret\n", mode), context())).reveal()).toBe("s3cret");
  });

  it("comes from a file behind a link, and below the home folder", async () => {
    const source = file("s3cret", 0o600);
    symlinkSync(source.path, join(place.home, "link"));
    expect((await resolveSecret({ ...source, path: "~/link" }, context())).reveal()).toBe("s3cret");
  });

  it.each([0o644, 0o640, 0o700, 0o604])("is refused from a file with mode %o", async (mode) => {
    const error = await errorOf(resolveSecret(file("s3cret", mode), context()));
    expect(error.code).toBe("unsafe_permissions");
    expect(error.message).toContain(`has mode 0${mode.toString(8)}`);
    expect(learnt).toEqual([]);
  });

  it.each(["/dev/zero", "/dev/null"])("is refused from %s", async (path) => {
    const error = await errorOf(resolveSecret({ kind: "secret", from: "file", path }, context()));
    expect(error.message).toContain("is not a regular file");
  });

  it.each(["relative/key", "/nowhere/at/all"])("is missing when its file is %s", async (path) => {
    const error = await errorOf(resolveSecret({ kind: "secret", from: "file", path }, context()));
    expect(error.code).toBe("secret_missing");
  });

  it("says which variable is not set, who needs it and where", async () => {
    const error = await errorOf(
      resolveSecret({ kind: "secret", from: "env", name: "OPENAI_API_KEY" }, context()),
    );
    expect(error.code).toBe("secret_missing");
    expect(error.message).toBe("OPENAI_API_KEY is not set");
    expect(error.facts.reasons).toEqual(["needed by provider openai (providers.yaml:6:14)"]);
    expect(error.facts.hint).toBe("export OPENAI_API_KEY=…   or use {file: PATH} there");
  });

  it("that is only blanks is missing", async () => {
    const error = await errorOf(
      resolveSecret({ kind: "secret", from: "env", name: "K" }, context({ K: "  " })),
    );
    expect(error.message).toBe("K is empty");
  });
});

describe("a secret's command", () => {
  it("gives the first line it prints", async () => {
    const secret = await resolveSecret(node('console.log("s3cret\\nmore")'), context());
    expect(secret.reveal()).toBe("s3cret");
  });

  it("runs without a shell and without the keys of the environment", async () => {
    const source = node(
      "console.log(JSON.stringify([process.env.KEY ?? null, process.env.PATH, process.argv[1]]))",
    );
    const words = source.from === "command" ? source.command : [];
    const secret = await resolveSecret(command(...words, "$(id); *"), context({ KEY: "k", PATH: "/bin" }));
    expect(JSON.parse(secret.reveal())).toEqual([null, "/bin", "$(id); *"]);
  });

  it.each<[string, SecretSource, string]>([
    ["fails", node('console.error("s3cret"); process.exit(3)'), "failed (exit 3)"],
    ["does not exist", command("/nowhere/at/all", "s3cret"), "cannot be run"],
    ["has no name", command("", "s3cret"), "has no name"],
    ["prints nothing", node(""), "is empty"],
    [
      "prints too much",
      node('process.stdout.write("s3cret".repeat(1e5)); setInterval(() => {}, 1e3)'),
      "64 KiB",
    ],
  ])("that %s is named without its arguments or output", async (_name, source, words) => {
    const error = await errorOf(resolveSecret(source, context()));
    expect(error.code).toBe("secret_missing");
    expect(error.message).toContain(words);
    expect(JSON.stringify([error.message, error.facts])).not.toContain("s3cret");
  });

  it("is ended with all it started when its time is over", async () => {
    let expire = () => {};
    const clock: Clock = {
      ...systemClock,
      timer: (ms, callback) => {
        expect(ms).toBe(3_000);
        expire = callback;
        return () => {};
      },
    };
    const started = Promise.withResolvers<Socket>();
    const server = createServer(started.resolve).listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo; // A listening TCP server has one.
    const inner = `require("node:net").connect(${port}, "127.0.0.1"); setInterval(() => {}, 1000)`;
    const outer = `require("node:child_process").spawn(process.execPath, ["-e", ${JSON.stringify(inner)}], { stdio: "inherit" })`;
    const pending = errorOf(resolveSecret(node(outer), context({}, clock)));
    const socket = await started.promise;
    const ended = new Promise((resolve) => socket.on("error", resolve).on("close", resolve).resume());
    expire();
    expect((await pending).message).toContain("gave no answer within 3 s");
    await ended;
    server.close();
  });
});

describe("a value with secrets inside", () => {
  it("has each of them replaced and all else kept", async () => {
    const source: SecretSource = { kind: "secret", from: "env", name: "KEY" };
    const value = { apiKey: source, list: [source, 1], plain: "x", none: undefined, deep: { n: null } };
    const resolved = await resolveOptions(value, context({ KEY: "s3cret" }));
    expect(resolved.apiKey).toBeInstanceOf(Secret);
    expect(resolved.plain).toBe("x");
    expect(JSON.stringify(resolved)).toBe(
      '{"apiKey":"[redacted]","list":["[redacted]",1],"plain":"x","deep":{"n":null}}',
    );
    expect(learnt).toEqual(["s3cret", "s3cret"]);
  });

  it("asks for the place of the secret that is missing", async () => {
    const asked: unknown[] = [];
    const placeOf = (path: unknown) => {
      asked.push(path);
      return "f:1:2";
    };
    const value = { deep: { accessKeyId: { kind: "secret", from: "env", name: "NOPE" } as const } };
    const error = await errorOf(resolveOptions(value, { ...context(), path: ["providers", "aws"], placeOf }));
    expect(asked).toEqual([["providers", "aws", "deep", "access_key_id"]]);
    expect(error.facts.reasons?.[0]).toContain("(f:1:2)");
  });
});
