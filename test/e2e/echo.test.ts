import { describe, expect, it } from "vitest";
import { startSimulator } from "../helpers/simulator.ts";
import { openai, useStage } from "./stage.ts";

const stage = useStage();
const KEY = "q7Zr-Wb19-LmXo-55Kd-Pp20-canary";

/** A provider that refuses with these words, whatever it is sent. */
async function refusing(entry: (url: string) => string, message: string) {
  const simulator = await startSimulator({ ...openai.dialect, problems: () => [] });
  stage.defer(simulator.close);
  const headers = { "content-type": "application/json" };
  simulator.play({
    kind: "raw",
    status: 403,
    headers,
    body: JSON.stringify({ message, error: { message } }),
  });
  return stage.workplace(`providers:\n  p: { ${entry(simulator.url)} }\n`);
}

const openAiEntry = (url: string) => `type: openai, base_url: "${url}/v1", api_key: { env: KEY }`;
const FLAGS = [[], ["--json"], ["-o", "jsonl"], ["--debug"]] as const;

describe("a provider that says back", () => {
  it.each([170, 180, 185, 190, 195, 1_970, 1_985])(
    "a key which the cut after %i characters falls into shows no half of it",
    async (length) => {
      const place = await refusing(openAiEntry, `${"x".repeat(length)}${KEY} and more`);
      for (const flags of FLAGS) {
        await place.forget();
        await place.forget();
        const run = await place.run(["complete", "hi", "-m", "p/gpt-4.1-mini", ...flags], { env: { KEY } });
        expect(run.code).toBe(4);
        expect(run.stdout + run.stderr).not.toContain(KEY.slice(0, 4));
      }
    },
  );

  it("a session token that no configuration holds shows it to nobody", async () => {
    const token = "IQoJ-session-canary-4711";
    const place = await refusing(
      (url) => `type: bedrock, region: us-east-1, endpoint: "${url}"`,
      `denied: ${token}`,
    );
    for (const flags of FLAGS) {
      await place.forget();
      const run = await place.run(["complete", "hi", "-m", "p/amazon.nova-lite-v1:0", ...flags], {
        env: { AWS_SESSION_TOKEN: token },
      });
      expect(run.code).toBe(4);
      expect(run.stdout + run.stderr).toContain("denied: [redacted]");
      expect(run.stdout + run.stderr).not.toContain("canary");
    }
  });

  it("a key with invisible characters in it is not put together again", async () => {
    const place = await refusing(openAiEntry, `you sent ${KEY.slice(0, 9)}\u202e${KEY.slice(9)}`);
    for (const flags of FLAGS) {
      await place.forget();
      const run = await place.run(["complete", "hi", "-m", "p/gpt-4.1-mini", ...flags], { env: { KEY } });
      expect(run.stdout + run.stderr).not.toContain(KEY);
    }
  });
});
