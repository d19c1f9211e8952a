import { describe, expect, it } from "vitest";
import { readEnvironment } from "../../src/config/environment.ts";

const read = (env: NodeJS.ProcessEnv) => readEnvironment(env, "/home/me");

describe("the environment", () => {
  it("gives the documented folders", () => {
    expect(read({})).toMatchObject({
      stateDir: "/home/me/.local/state/riptide",
      userConfig: "/home/me/.config/riptide/providers.yaml",
      runtimeDir: undefined,
    });
    expect(read({ XDG_STATE_HOME: "/s", XDG_CONFIG_HOME: "/c", XDG_RUNTIME_DIR: "/r" })).toMatchObject({
      stateDir: "/s/riptide",
      userConfig: "/c/riptide/providers.yaml",
      runtimeDir: "/r",
    });
    expect(read({ XDG_STATE_HOME: "/s", RIPTIDE_STATE_DIR: "/own" }).stateDir).toBe("/own");
  });

  it("gives the variables that stand for flags, as text, empty ones as absent", () => {
    const env = { RIPTIDE_TIMEOUT: "5s", RIPTIDE_OUTPUT: "json", RIPTIDE_NO_INPUT: "1", RIPTIDE_TENANT: "" };
    expect(read(env).flags).toEqual({ timeout: "5s", output: "json", noInput: "1" });
  });

  it("keeps the tenant's key from being printed", () => {
    const environment = read({ RIPTIDE_TENANT_KEY: "canary" });
    expect(JSON.stringify(environment)).not.toContain("canary");
    expect(environment.tenantKey?.reveal()).toBe("canary");
  });

  it("gives the proxy for https with the hosts it is not for", () => {
    expect(read({ HTTPS_PROXY: "http://p:1", NO_PROXY: "a,b" }).proxy).toEqual({
      url: "http://p:1",
      noProxy: "a,b",
    });
    expect(read({ https_proxy: "http://q:1", HTTPS_PROXY: "http://p:1" }).proxy?.url).toBe("http://q:1");
    expect(read({ HTTP_PROXY: "http://p:1" }).proxy).toBeUndefined();
  });

  it("tells a path into the file from other names", () => {
    const { overrides, warnings } = read({
      RIPTIDE_DAEMON__LOG__LEVEL: "debug",
      RIPTIDE_UNPRICED: "allow",
      RIPTIDE_LEDGER: "x",
      RIPTIDE___X: "x",
    });
    expect(overrides.map(({ path, text }) => [path, text])).toEqual([
      [["daemon", "log", "level"], "debug"],
      [["unpriced"], "allow"],
    ]);
    expect(warnings).toHaveLength(2);
  });
});
