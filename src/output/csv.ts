export type CsvCell = string | number | bigint | boolean | null;

/** Rows as CSV (RFC 4180) with a header, safe to open in a spreadsheet (P-5). Unknown values are empty cells. */
export function csvText(header: readonly string[], rows: readonly (readonly CsvCell[])[]): string {
  return [header, ...rows].map(csvLine).join("");
}

/** One row, for files that are written line by line. */
export const csvLine = (row: readonly CsvCell[]): string => `${row.map(cellText).join(",")}\r\n`;

function cellText(cell: CsvCell): string {
  if (cell === null) return "";
  if (typeof cell === "number") return plainDecimal(cell);
  return typeof cell === "string" ? quoted(inert(cell)) : String(cell);
}

/** A spreadsheet runs a cell that starts like a formula, also behind a tab or a carriage return (OWASP, CSV injection). */
const inert = (text: string): string => (/^[=+\-@\t\r]/.test(text) ? `'${text}` : text);

const quoted = (text: string): string =>
  /[",\r\n]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;

/** The shortest decimal form of a number, without an exponent. */
function plainDecimal(value: number): string {
  if (!Number.isFinite(value)) return "";
  const [mantissa = "", exponent] = String(value).split("e");
  if (exponent === undefined) return mantissa;
  const [, sign = "", whole = "", fraction = ""] = /^(-?)(\d+)\.?(\d*)$/.exec(mantissa) ?? [];
  const digits = whole + fraction;
  const point = whole.length + Number(exponent);
  return point > 0 ? sign + digits.padEnd(point, "0") : `${sign}0.${"0".repeat(-point)}${digits}`;
}
