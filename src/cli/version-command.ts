import type { Run } from "./command.ts";
import { printDocument } from "./print.ts";

/** The daemon's protocol this version would speak. */
const PROTOCOL = 1;

/** `riptide version` */
export const run: Run = async (call) => {
  const { io, format } = call;
  const { version, nodeVersion } = io;
  if (format === "json") {
    await printDocument(call, {
      schema: "riptide.version/1",
      version,
      node: nodeVersion,
      protocol: PROTOCOL,
      daemon: null,
    });
  } else {
    await io.stdout.write(`riptide ${version}\nnode    ${nodeVersion}\n`);
  }
  return 0;
};
