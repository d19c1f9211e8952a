import { z } from "zod";
import { durationField } from "../../providers/fields.ts";
import { moneyOfNumber, parseMoney } from "../money.ts";

/** US dollars as text or number, as integer nano-dollars. */
export const moneyField = () =>
  z.union([z.number(), z.string()]).transform((value, context) => {
    const nano = typeof value === "number" ? moneyOfNumber(value) : parseMoney(value.trim());
    if (nano !== undefined) return nano;
    context.addIssue({
      code: "custom",
      message: "expected an amount in US dollars up to 9007199, such as 0.05, $5 or 5c",
    });
    return z.NEVER;
  });

const UNITS = { B: 1, KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30 } as const;

/** A size such as `512KiB` or `4MiB`, in bytes. */
export const sizeField = () =>
  z.string().transform((text, context) => {
    const match = /^(\d{1,6})(B|KiB|MiB|GiB)$/.exec(text.trim());
    if (match) return Number(match[1]) * UNITS[match[2] as keyof typeof UNITS]; // The pattern admits only UNITS.
    context.addIssue({ code: "custom", message: "expected a size with a unit, such as 512KiB or 4MiB" });
    return z.NEVER;
  });

/** A duration that is longer than nothing. */
export const limitField = () =>
  durationField().refine((ms) => ms > 0, { message: "expected a duration longer than 0" });

/** A whole number of at least one. */
export const countField = () => z.int().min(1);

/** A share between 0 and 1. */
export const shareField = () => z.number().min(0).max(1);

/** A key of the file; digits alone would lose their place in the order of a JavaScript object. */
export const nameKey = () =>
  z.string().regex(/^(?!\d+$)[A-Za-z0-9_][A-Za-z0-9_.-]{0,63}$/, {
    message: "expected a name of letters, digits, dot, dash and underscore",
  });

/** Model names as vendors write them. */
export const modelKey = () => z.string().min(1).max(256);

export const textField = () => z.string().min(1);
