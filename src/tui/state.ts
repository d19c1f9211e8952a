import type { DashboardView } from "../output/dashboard.ts";

export type View = DashboardView;

/** The views, in the order of their keys 1 to 6. */
export const VIEWS = [
  "overview",
  "costs",
  "tenants",
  "performance",
  "circuits",
  "requests",
] as const satisfies readonly View[];

/** Ranges of costs: words of `--since`, and how they are said. */
export const RANGES = ["month", "week", "today", "24h", "7d", "30d"] as const;
export type Range = (typeof RANGES)[number];

export const RANGE_WORDS: Readonly<Record<Range, string>> = {
  month: "this month",
  week: "this week",
  today: "today",
  "24h": "last 24 h",
  "7d": "last 7 days",
  "30d": "last 30 days",
};

/** What the rows of each view can be sorted by; the first unless asked. Those of the overview are its providers. */
export const SORTS = {
  overview: ["configured", "failed"],
  costs: ["cost", "requests", "name"],
  tenants: ["cost", "requests", "refused", "name"],
  performance: ["attempts", "failed", "latency", "name"],
  circuits: ["provider", "state"],
  requests: ["newest", "cost", "slowest"],
} as const satisfies Record<View, readonly string[]>;

/** What lies over the view. */
export type Overlay =
  | { readonly kind: "help" }
  | { readonly kind: "filter"; readonly text: string }
  | { readonly kind: "reset"; readonly provider: string }
  | { readonly kind: "detail"; readonly id: string; readonly lines: readonly string[]; readonly top: number };

/** What the person at the keyboard has chosen. */
export interface State {
  readonly view: View;
  readonly range: Range;
  /** Place in {@link SORTS} of each view. */
  readonly sorts: Readonly<Record<View, number>>;
  readonly filter: string;
  readonly errorsOnly: boolean;
  readonly isPaused: boolean;
  /** Row of the view's list. */
  readonly selected: number;
  readonly overlay: Overlay | undefined;
  /** What the last key came to. */
  readonly notice: string | undefined;
  readonly isReadOnly: boolean;
}

export function firstState(wanted: {
  readonly view: View;
  readonly range: Range;
  readonly sorts?: Partial<State["sorts"]> | undefined;
  readonly isReadOnly: boolean;
}): State {
  const none = { overview: 0, costs: 0, tenants: 0, performance: 0, circuits: 0, requests: 0 };
  return {
    ...{ view: wanted.view, range: wanted.range, isReadOnly: wanted.isReadOnly },
    sorts: { ...none, ...wanted.sorts },
    ...{ filter: "", errorsOnly: false, isPaused: false, selected: 0 },
    ...{ overlay: undefined, notice: undefined },
  };
}

/** The word the view's rows are sorted by. */
export function sortOf({ view, sorts }: Pick<State, "view" | "sorts">): string {
  const words: readonly string[] = SORTS[view];
  return words[sorts[view] % words.length] ?? "";
}
