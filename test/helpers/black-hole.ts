import { spawn } from "node:child_process";
import { once } from "node:events";
import { createConnection } from "node:net";
import { createInterface } from "node:readline";

export interface BlackHole {
  readonly url: string;
  close(): Promise<void>;
}

/** An address at which connecting hangs: a listener whose queue is full, in a process that is stopped. */
export async function startBlackHole(): Promise<BlackHole> {
  const program = `const server = require("node:net").createServer();
    server.listen({ port: 0, host: "127.0.0.1", backlog: 1 }, () => console.log(server.address().port));`;
  const child = spawn(process.execPath, ["-e", program], { stdio: ["ignore", "pipe", "ignore"] });
  const [line] = await once(createInterface({ input: child.stdout }), "line");
  child.kill("SIGSTOP");
  const port = Number(line);
  const fillers = [0, 1].map(() => createConnection({ port, host: "127.0.0.1" }));
  await Promise.all(fillers.map((filler) => once(filler, "connect")));
  return {
    url: `http://127.0.0.1:${port}`,
    async close() {
      for (const filler of fillers) filler.destroy();
      child.kill("SIGKILL");
      await once(child, "exit");
    },
  };
}
