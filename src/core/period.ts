/** The time a budget covers: a calendar period in UTC, weeks from Monday, or a number of days that rolls (LG-1). */
export type Period = "hour" | "day" | "week" | "month" | `${number}d`;

export const HOUR_MS = 3_600_000;
export const DAY_MS = 24 * HOUR_MS;

/** One period around a moment, in Unix milliseconds. */
export interface PeriodSpan {
  readonly startMs: number;
  /** When the period is over; for a rolling one, when its oldest day drops out. */
  readonly endMs: number;
}

/** The period that holds `atMs`. */
export function spanOf(period: Period, atMs: number): PeriodSpan {
  const day = atMs - mod(atMs, DAY_MS);
  switch (period) {
    case "hour": {
      const startMs = atMs - mod(atMs, HOUR_MS);
      return { startMs, endMs: startMs + HOUR_MS };
    }
    case "day":
      return { startMs: day, endMs: day + DAY_MS };
    case "week": {
      // The first day of Unix time was a Thursday.
      const startMs = day - mod(day / DAY_MS + 3, 7) * DAY_MS;
      return { startMs, endMs: startMs + 7 * DAY_MS };
    }
    case "month": {
      const { year, month } = civil(day / DAY_MS);
      const next = month === 12 ? { year: year + 1, month: 1 } : { year, month: month + 1 };
      return { startMs: dayNumber({ year, month }) * DAY_MS, endMs: dayNumber(next) * DAY_MS };
    }
    default:
      return { startMs: day - (rollingDays(period) - 1) * DAY_MS, endMs: day + DAY_MS };
  }
}

/** True for a period of so many days up to now. */
export const isRolling = (period: Period): period is `${number}d` => /^\d+d$/.test(period);

const rollingDays = (period: `${number}d`): number => Number(period.slice(0, -1));

const mod = (value: number, by: number): number => ((value % by) + by) % by;

/** Year and month of a day counted from 1970 (the algorithm of civil calendars with 400-year eras). */
function civil(days: number): { readonly year: number; readonly month: number } {
  const shifted = days + 719_468;
  const era = Math.floor(shifted / 146_097);
  const dayOfEra = shifted - era * 146_097;
  const leapDays =
    Math.floor(dayOfEra / 1_460) - Math.floor(dayOfEra / 36_524) + Math.floor(dayOfEra / 146_096);
  const yearOfEra = Math.floor((dayOfEra - leapDays) / 365);
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const shiftedMonth = Math.floor((5 * dayOfYear + 2) / 153);
  const month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9;
  return { year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month };
}

/** Days from 1970 to the first of a month. */
function dayNumber({ year, month }: { readonly year: number; readonly month: number }): number {
  const shiftedYear = month <= 2 ? year - 1 : year;
  const era = Math.floor(shiftedYear / 400);
  const yearOfEra = shiftedYear - era * 400;
  const dayOfYear = Math.floor((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5);
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * 146_097 + dayOfEra - 719_468;
}
