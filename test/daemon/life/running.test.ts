import { expect, it } from "vitest";
import { RiptideError } from "../../../src/core/errors.ts";
import { createRunning } from "../../../src/daemon/life/running.ts";

it("ends the requests that work, and none that has left, in whatever order they left", () => {
  const running = createRunning();
  const ended: string[] = [];
  const leave = new Map(
    ["a", "b", "c", "d", "e"].map((name) => [name, running.add(() => ended.push(name))] as const),
  );
  for (const name of ["b", "e", "a"]) leave.get(name)?.();
  running.add(() => ended.push("f"));
  running.cancelAll(new RiptideError("shutting_down", "over"));
  expect(ended.sort()).toEqual(["c", "d", "f"]);
});

it("may lose some while it ends them", () => {
  const running = createRunning();
  const ended: string[] = [];
  const leaveA = running.add(() => {
    ended.push("a");
    leaveA();
  });
  running.add(() => ended.push("b"));
  running.cancelAll(new RiptideError("shutting_down", "over"));
  expect(ended).toEqual(["a", "b"]);
});
