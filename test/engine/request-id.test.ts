import { expect, it } from "vitest";
import { seededRandom } from "../../src/core/random.ts";
import { requestIds } from "../../src/engine/request-id.ts";

it("are all different, sort by time, and draw their chance for many at once", () => {
  let drawn = 0;
  let wall = 1_700_000_000_000;
  const random = seededRandom(1);
  const newId = requestIds(
    () => wall,
    (bytes) => {
      drawn += 1;
      return Uint8Array.from({ length: bytes }, () => Math.floor(random() * 256));
    },
  );
  const early = Array.from({ length: 1_000 }, newId);
  wall += 1;
  const late = newId();
  expect(new Set(early).size).toBe(1_000);
  expect(early.every((id) => /^rq_[0-9A-HJKMNP-TV-Z]{26}$/.test(id) && id < late)).toBe(true);
  expect(drawn).toBe(4);
});
