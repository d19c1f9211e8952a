import { globSync } from "node:fs";

/** What every file beside this one exports. */
interface Benchmark {
  run(args: readonly string[]): Promise<void>;
}

const names = globSync("*.ts", { cwd: import.meta.dirname })
  .map((file) => file.slice(0, -".ts".length))
  .filter((name) => name !== "run")
  .sort();

const [name = "", ...args] = process.argv.slice(2);
if (names.includes(name)) {
  const benchmark: Benchmark = await import(`./${name}.ts`);
  await benchmark.run(args);
} else {
  console.log(`npm run bench -- NAME, where NAME is one of: ${names.join(", ")}`);
  process.exitCode = name === "" ? 0 : 2;
}
