import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { endOf, nameOf, startOf, UNITS, UTC, type Zone, zoneNamed } from "../../src/ledger/zone.ts";

const HOUR = 3_600_000;
const at = (text: string) => Date.parse(text);
const iso = (ms: number) => new Date(ms).toISOString().replace(".000Z", "Z");

function zone(name: string): Zone {
  const found = zoneNamed(name);
  if (!found) throw new Error(`no zone ${name}`);
  return found;
}

describe("time zones", () => {
  it.each([
    ["UTC", "UTC"],
    ["z", "UTC"],
    ["+00:00", "UTC"],
    ["+2", "+02:00"],
    ["-0330", "-03:30"],
    ["UTC+5:45", "+05:45"],
    ["Europe/Berlin", "Europe/Berlin"],
  ])("%s is the zone %s", (text, name) => {
    expect(zoneNamed(text)?.name).toBe(name);
  });

  it.each(["", "Mars/Olympus", "+15:00", "-14:15", "+00:07", "+1:60", "5", "Europe/Berlin;"])(
    "%s is none: rollups are kept per quarter of an hour, and no place is further than 14 hours away",
    (text) => {
      expect(zoneNamed(text)).toBeUndefined();
    },
  );

  it.each([
    ["Europe/Berlin", "2026-03-29T12:00:00Z", "2026-03-28T23:00:00Z", "2026-03-29T22:00:00Z", 23],
    ["Europe/Berlin", "2026-10-25T00:30:00Z", "2026-10-24T22:00:00Z", "2026-10-25T23:00:00Z", 25],
    ["Europe/Berlin", "2026-10-25T20:00:00Z", "2026-10-24T22:00:00Z", "2026-10-25T23:00:00Z", 25],
    ["Asia/Kathmandu", "2026-06-01T12:00:00Z", "2026-05-31T18:15:00Z", "2026-06-01T18:15:00Z", 24],
    ["Pacific/Kiritimati", "2026-06-01T12:00:00Z", "2026-06-01T10:00:00Z", "2026-06-02T10:00:00Z", 24],
    // Clocks go forward at midnight: the day begins at one.
    ["Africa/Cairo", "2026-04-24T12:00:00Z", "2026-04-23T22:00:00Z", "2026-04-24T21:00:00Z", 23],
    // Clocks go back at midnight: the day before has 25 hours.
    ["Africa/Cairo", "2026-10-29T20:30:00Z", "2026-10-28T21:00:00Z", "2026-10-29T22:00:00Z", 25],
    ["Australia/Lord_Howe", "2026-10-04T00:00:00Z", "2026-10-03T13:30:00Z", "2026-10-04T13:00:00Z", 23.5],
  ])("the day in %s around %s is right across a change of clocks", (name, moment, start, end, hours) => {
    const there = zone(name);
    expect(iso(startOf("day", at(moment), there))).toBe(start);
    expect(iso(endOf("day", at(moment), there))).toBe(end);
    expect((at(end) - at(start)) / HOUR).toBe(hours);
  });

  it.each([
    ["hour", "2026-10-25T00:30:00Z", "2026-10-25T02:00+02:00"],
    ["hour", "2026-10-25T01:30:00Z", "2026-10-25T02:00+01:00"],
    ["day", "2026-10-31T23:30:00Z", "2026-11-01"],
    ["month", "2026-10-31T23:30:00Z", "2026-11"],
    ["week", "2027-01-03T12:00:00Z", "2026-W53"],
    ["week", "2026-12-31T12:00:00Z", "2026-W53"],
    ["week", "2025-12-29T12:00:00Z", "2026-W01"],
  ] as const)("in Berlin the %s of %s is called %s", (unit, moment, name) => {
    expect(nameOf(unit, at(moment), zone("Europe/Berlin"))).toBe(name);
  });

  it("names the hours of UTC with a Z", () => {
    expect(nameOf("hour", at("2026-11-01T13:59:59Z"), UTC)).toBe("2026-11-01T13:00Z");
  });

  it("every moment lies in its unit, and a unit ends where the next begins", () => {
    const zones = [
      "UTC",
      "Europe/Berlin",
      "America/St_Johns",
      "Africa/Cairo",
      "Australia/Lord_Howe",
      "+05:45",
    ];
    const moments = fc.integer({ min: at("2000-01-01T00:00:00Z"), max: at("2035-01-01T00:00:00Z") });
    fc.assert(
      fc.property(fc.constantFrom(...zones), fc.constantFrom(...UNITS), moments, (name, unit, moment) => {
        const there = zone(name);
        const [start, end] = [startOf(unit, moment, there), endOf(unit, moment, there)];
        expect(start).toBeLessThanOrEqual(moment);
        expect(end).toBeGreaterThan(moment);
        if (unit !== "hour") expect(startOf(unit, end, there)).toBe(end);
        expect(nameOf(unit, end, there)).not.toBe(nameOf(unit, moment, there));
      }),
      { numRuns: 2_000 },
    );
  });
});
